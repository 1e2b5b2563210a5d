//! What unquoted YAML means: lagward reads every scalar and every key as the real kubectl does.

use lagward::fronts::files::parse;
use serde_json::Value;

use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    scalars_mean_what_they_mean_to_kubectl,
    keys_are_spelled_as_kubectl_spells_them,
    documents_are_read_as_kubectl_reads_them,
    what_kubectl_refuses_is_refused,
];

/// Every word of these up to four letters long stands for a number in some base, or does not quite.
const ALPHABET: [&str; 12] = ["0", "1", "7", "8", "_", ".", "x", "b", "o", "e", "+", "-"];

const ODD: &str = "y Y n N yes Yes YES yEs no No NO nO on On ON oN off Off OFF oFF true True TRUE tRUE false False FALSE \
    ~ null Null NULL nULL .inf .Inf .INF .iNF +.inf -.inf -.Inf +.INF .nan .NaN .NAN .Nan -.nan +.nan inf NaN Infinity \
    0777 0o17 0o18 0O17 0x1F 0X1f 0xg 0b101 0B101 0b2 -0b101 0b+101 0b-101 -0b+1 -0b-1 +0b+1 0B+1 0x+1 0o-1 0b+_1 0b_+1 0b+9 -0x1f -017 +017 089 00 -0 +0 1_000 0x_1f 1__0 _1 1_ \
    1:30 190:20:30 12:30:45 2001-12-14 2001-12-14T21:59:43Z 2001-12-14t21:59:43.10-05:00 1e3 1E3 1e+3 1e-3 1.e3 .5e1 \
    6.02e23 1e308 1e309 -1e309 1e400 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 \
    18446744073709551615 18446744073709551616 0xFFFFFFFFFFFFFFFF 0x10000000000000000 123456789012345678901234567890 \
    10.0 1.50 100.10 0.1 1e21 1e20 4.2e1 12345678.9 10m 500Mi 1Gi 100% 30s 1h30m 1,000 1/2 a b 0x1p-2 0x1.8 1e5x \
    = << !!str !!int?x --- ... ? -a .a a:b a#b a'b http://x:1 <none> $(VAR) ${X} 1.2.3 v1 1a 08 09 0b 0x 0o 0.. 1.. \
    ü 日本 1\u{a0}2 ٣ １";

const TAGGED: &str = "!!str 12|!!str yes|!!str|!!int 0x10|!!int 12|!!float 3|!!float 1.5|!!bool on|!!bool true|!!null ~|!!null|\
    !!binary aGVsbG8=|'12'|\"12\"|'yes'|\"\\x41\\u00e9\\n\"|'it''s'|\"\"|''|!custom 12|!custom yes|&anchor 12|&a 0x10";

fn words() -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut last = words.clone();
    for _ in 0..4 {
        last = last
            .iter()
            .flat_map(|word| ALPHABET.iter().map(move |letter| format!("{word}{letter}")))
            .collect();
        words.extend_from_slice(&last);
    }
    words.extend(ODD.split_whitespace().map(ToOwned::to_owned));
    // A lone dash begins a list, and a lone question mark a key.
    words.retain(|word| !["-", "?", "!!str", "!!int?x"].contains(&word.as_str()));
    words
}

fn manifest(data: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: scalars}}\ndata:{data}")
}

fn create(scene: &Scene, manifest: &str) -> Result<Value, String> {
    let arguments = ["create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-"];
    scene.kubectl.run_with(arguments, manifest).result().map(|outcome| outcome.json())
}

/// `data` of the manifest as kubectl reads it, and as lagward does.
fn both(scene: &Scene, manifest: &str) -> (Value, Value) {
    let theirs = create(scene, manifest).unwrap_or_else(|why| panic!("{why}"));
    let (documents, errors) = parse(manifest);
    assert_eq!(errors, [], "kubectl reads what lagward refuses");
    (theirs["data"].clone(), documents[0].value["data"].clone())
}

/// kubectl holds what does not fit into 64 bits with a sign as a float.
fn is_same(theirs: &Value, ours: &Value) -> bool {
    let is_large = |value: &Value| value.is_number() && value.as_i64().is_none();
    theirs == ours || (is_large(theirs) && is_large(ours) && theirs.as_f64() == ours.as_f64())
}

fn assert_same(words: &[String], theirs: &Value, ours: &Value) {
    let items = |value: &Value| value.as_array().expect("data is a list").clone();
    let (theirs, ours) = (items(theirs), items(ours));
    assert_eq!((theirs.len(), ours.len()), (words.len(), words.len()));
    let differs = |((_, theirs), ours): &((&String, &Value), &Value)| !is_same(theirs, ours);
    let differing: Vec<_> = words.iter().zip(&theirs).zip(&ours).filter(differs).collect();
    let shown: Vec<_> = differing.iter().take(20).collect();
    assert!(
        differing.is_empty(),
        "{} of {}: (text, kubectl, lagward) {shown:?}",
        differing.len(),
        words.len()
    );
}

/// Reads each word as an item of a list: those that lagward reads all at once, the others one by one.
fn compare(words: Vec<String>, item: fn(&str) -> String) {
    let scene = Scene::bare();
    let is_read = |word: &String| parse(&manifest(&item(word))).1.is_empty();
    let (read, refused): (Vec<String>, Vec<String>) = words.into_iter().partition(is_read);
    let items: String = read.iter().map(|word| item(word)).collect();
    let (theirs, ours) = both(&scene, &manifest(&items));
    assert_same(&read, &theirs, &ours);
    for word in refused {
        assert!(create(&scene, &manifest(&item(&word))).is_err(), "only lagward refuses {word}");
    }
}

fn scalars_mean_what_they_mean_to_kubectl() {
    let tagged = TAGGED.split('|').map(ToOwned::to_owned);
    compare(words().into_iter().chain(tagged).collect(), |word| format!("\n- {word}"));
}

fn keys_are_spelled_as_kubectl_spells_them() {
    let words = words().into_iter().filter(|word| !["", "<<"].contains(&word.as_str()));
    compare(words.collect(), |word| format!("\n- {word}: 0"));
}

fn documents_are_read_as_kubectl_reads_them() {
    let scene = Scene::bare();
    for data in [
        // The later of two equal keys counts, a merge where it stands, and of merged maps the first.
        " {a: 1, b: 2, a: 3}",
        "\n  a: 1\n  b: 2\n  a:\n    c: 1\n",
        " {base: &b {k: 1, l: 2}, above: {k: 9, <<: *b}, below: {<<: *b, k: 9}, list: {<<: [{k: 1}, *b]}}",
        " {on: 1, true: 2, 'on': 3}",
        " {1: a, 0x1: b, 1.0: c}",
        "\n  literal: |\n    a\n\n    b\n  kept: |+\n    a\n\n  cut: |-\n    a\n  folded: >\n    a\n    b\n\n    c\n     d\n    e\n",
        "\n  indented: |2\n      a\n    b\n  comment: |  # why\n    # text\n  plain: a\n    b\n\n    c # no\n",
        "\n  quoted: \"a\n    b\\\n    c\n\n    d\"\n  single: 'a\n\n    b'\n",
        "\r\n  windows: |\r\n    a\r\n    b\r\n  next: c\r\n",
        "\n  last: |\n    a",
        "\n  last: >+\n    a\n    b",
        "\n  last: |\n    a\n   \n",
        "\n  last: a",
        "\n  last: 'a'\n...\n",
        "\n  ? explicit\n  : value\n  ? other\n",
        "\n  a: &x\n    b: 1\n  c: *x\n  d: [*x, *x]\n",
        " {\"json\": [1, 1.50, \"\\u00e9\", null, true, {}], 'x':y, z: [a, b,], {}: }",
    ] {
        let manifest = manifest(data);
        match create(&scene, &manifest) {
            Ok(theirs) => {
                let (documents, errors) = parse(&manifest);
                assert_eq!(errors, [], "{data}");
                assert_eq!(documents[0].value["data"], theirs["data"], "{data}");
            }
            Err(_) => assert_ne!(parse(&manifest).1, [], "only kubectl refuses {data}"),
        }
    }
}

fn what_kubectl_refuses_is_refused() {
    let scene = Scene::bare();
    for data in [
        " {~: 1}",
        " {null: 1}",
        " {[a]: 1}",
        " {{a: b}: 1}",
        " [*nowhere]",
        " [a",
        " {a: b",
        " \"a",
        " 'a",
        " [!!int a]",
        " [!!float a]",
        " [!!bool a]",
        " [!!binary =]",
        " {<<: 1}",
        " {<<: [1]}",
        "\n  a: 1\n b: 2",
        "\n\ta: 1",
        " a: b",
        " @a",
        " `a",
        " %a",
        " [a: b: c]",
        " \"\\q\"",
        " {a: |}",
        "\n  a: 1\n  - b",
    ] {
        let manifest = manifest(data);
        assert!(create(&scene, &manifest).is_err(), "kubectl reads {data}");
        assert_ne!(parse(&manifest).1, [], "only kubectl refuses {data}");
    }
}

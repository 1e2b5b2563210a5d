//! Every YAML block of the documentation is parsed; a policy is read, values of the chart too, and a Kubernetes
//! object is judged. Fragments of other tools' files are in the list of `elsewhere`.

use jiff::civil::date;
use lagward::engine::policy::Policy;
use lagward::fronts::files;
use lagward::rules::RULES;
use serde_json::Value;

use super::Page;
use super::elsewhere;
use super::markdown::blocks;
use crate::support;

/// Languages that no test needs to understand.
const PLAIN: [&str; 6] = ["", "text", "go", "python", "promql", "json"];

#[test]
fn every_block_has_a_language_that_a_test_knows() {
    for page in Page::with_blocks() {
        for block in blocks(&page.text) {
            let language = block.language.as_str();
            let is_known = ["sh", "console", "yaml"].contains(&language) || PLAIN.contains(&language);
            assert!(is_known, "{}:{}: {language:?}", page.path.display(), block.lines.start);
        }
    }
}

#[test]
fn every_block_of_yaml_is_what_it_claims_to_be() {
    let (mut used, mut unknown) = (Vec::new(), String::new());
    for page in Page::with_blocks() {
        for block in blocks(&page.text).iter().filter(|block| block.language == "yaml") {
            let at = format!("{}:{}", page.path.display(), block.lines.start);
            let (documents, errors) = files::parse(&block.text);
            assert!(errors.is_empty(), "{at}: {}", errors[0].message);
            for document in documents {
                match kind_of(&document.value) {
                    Kind::Object => judged(&block.text, &at),
                    Kind::Policy => read(&document.value, &at),
                    Kind::Values => read(&document.value["policy"], &at),
                    Kind::Exemption => exempts(&document.value, &at),
                    Kind::Other => match elsewhere::fragment(&block.text) {
                        Some(start) => used.push(start),
                        None => unknown += &format!("{at}:\n{}", block.text),
                    },
                }
            }
        }
    }
    assert!(unknown.is_empty(), "no test knows this YAML: {unknown}");
    let idle: Vec<_> = elsewhere::FRAGMENTS.iter().filter(|(start, _)| !used.contains(start)).collect();
    assert!(idle.is_empty(), "no page has these any more: {idle:?}");
}

enum Kind {
    Object,
    Policy,
    /// Values of the chart.
    Values,
    /// Annotations that exempt from a rule.
    Exemption,
    Other,
}

fn kind_of(value: &Value) -> Kind {
    let keys: Vec<&str> = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let of_a_policy =
        ["profile", "mode", "mutate", "alignment", "kedaVersion", "rules", "overrides", "exempt"];
    let annotations = value["metadata"]["annotations"].as_object();
    let exempts = |key: &String| key.starts_with("ignore.lagward.dev/");
    match () {
        () if keys.contains(&"apiVersion") && keys.contains(&"kind") => Kind::Object,
        () if keys == ["policy"] => Kind::Values,
        () if keys.iter().any(|key| of_a_policy.contains(key)) => Kind::Policy,
        () if annotations.is_some_and(|annotations| annotations.keys().any(exempts)) => Kind::Exemption,
        () => Kind::Other,
    }
}

fn judged(text: &str, at: &str) {
    let source = files::Source {
        name: at.to_owned(),
        text: text.to_owned(),
        folder: ".".into(),
        origin: files::Origin::File,
    };
    let found = files::check::check(&[source], &Policy::new(RULES), date(2026, 11, 24));
    assert!(found.errors.is_empty(), "{at} cannot be read");
    let codes: Vec<&str> = found.findings.iter().map(|located| located.finding.rule.code).collect();
    assert!(codes.is_empty(), "{at} shows what lagward does not accept: {codes:?}");
}

fn read(policy: &Value, at: &str) {
    let read = Policy::read(policy, RULES);
    assert!(read.is_ok(), "{at}: {:?}", read.err());
}

/// An object that breaks the rule is denied without the annotation and not with it.
fn exempts(fragment: &Value, at: &str) {
    let scaler = support::edit(&support::scaler(), "/spec/minReplicaCount", Value::from(0));
    let ask = |object: &Value| {
        let review = support::Review::of(object);
        let route = lagward::fronts::webhook::record::Route::Validate;
        support::ask(route, &review, &Policy::new(RULES), None).denied
    };
    assert_eq!(ask(&scaler), ["LW201"]);
    let annotations = fragment["metadata"]["annotations"].clone();
    let exempted = support::edit(&scaler, "/metadata/annotations", annotations);
    assert_eq!(ask(&exempted), Vec::<String>::new(), "{at} exempts nothing");
}

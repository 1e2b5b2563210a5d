//! What a query uses: metrics and labels. Whether it is a query is promtool's affair (`make test-alerts`).

use std::collections::{BTreeMap, BTreeSet};

/// What a query uses.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// Metrics, with the labels that are asked for at them.
    pub(super) metrics: BTreeMap<String, BTreeSet<String>>,
    /// Labels that are grouped by or matched on.
    pub(super) labels: BTreeSet<String>,
}

/// Reads a query of selectors that each name their metric.
pub(super) fn used(query: &str) -> Used {
    let mut used = Used::default();
    let mut tokens = tokens(query).into_iter().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek().map_or("", String::as_str);
        match &*token {
            "by" | "without" | "on" | "ignoring" | "group_left" | "group_right" if next == "(" => {
                used.labels
                    .extend(tokens.by_ref().take_while(|token| token != ")").filter(|token| is_name(token)));
            }
            "offset" => drop(tokens.next()),
            // A function, an aggregation or an operator.
            name if ["(", "by", "without"].contains(&next)
                || ["or", "and", "unless", "bool"].contains(&name) => {}
            name if is_name(name) => {
                let labels = used.metrics.entry(name.to_owned()).or_default();
                if next == "{" {
                    let inside = tokens.by_ref().take_while(|token| token != "}");
                    labels.extend(inside.filter(|token| is_name(token)));
                }
            }
            _ => {}
        }
    }
    used
}

/// `label_values(query, label)`, as variables of a dashboard ask.
pub(super) fn values(query: &str) -> Used {
    let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')')).expect(query);
    let (query, label) = inner.rsplit_once(", ").expect(inner);
    let mut used = used(query);
    used.labels.insert(label.to_owned());
    used
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Names, numbers, and everything else by its first character; texts and ranges are left out.
fn tokens(query: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_:.".contains(c);
        let length = match first {
            '"' => 2 + rest[1..].find('"').expect("a text ends"),
            '[' => 1 + rest.find(']').expect("a range ends"),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        if first != '"' && first != '[' {
            tokens.push(token.to_owned());
        }
        rest = tail.trim_start();
    }
    tokens
}

#[test]
fn metrics_and_labels_are_found_wherever_they_stand() {
    let used = used(
        "sum by (a) (rate(one{b=\"x{y}\",c!~\"z\"}[$__rate_interval]) > 0 unless on (d) two offset 5m) / -three * 1e3",
    );
    let names = |labels: &BTreeSet<String>| labels.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(used.metrics.keys().cloned().collect::<Vec<_>>(), ["one", "three", "two"]);
    assert_eq!(names(&used.metrics["one"]), "b c");
    assert_eq!(names(&used.metrics["two"]), "");
    assert_eq!(names(&used.labels), "a d");
}

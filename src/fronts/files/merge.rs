//! Merge keys: `<<: *base`.

use granit_parser::ScalarStyle;
use serde_json::{Map, Value};

use super::node::{Children, Member, Node, Style};
use super::refusal::Refusal;

const UNMERGEABLE: &str = "`<<` needs a map or a list of maps";

/// Merges as go-yaml v2 does: whatever stands later in the text wins, a merge included; within a list of merged
/// maps the earlier one wins.
pub(super) fn merge(
    value: Value,
    node: Node,
    into: &mut Map<String, Value>,
    members: &mut Vec<Member>,
) -> Result<(), Refusal> {
    match (value, node.children) {
        (Value::Object(map), Children::Map(merged)) => {
            into.extend(map);
            members.extend(merged.into_iter().map(|member| Member { is_merged: true, ..member }));
        }
        (Value::Object(map), _) => {
            for (name, value) in map {
                let node = Node::leaf(node.span.clone(), Style::Alias);
                let key_span = node.span.clone();
                members.push(Member { key: name.as_str().into(), key_span, node, is_merged: true });
                into.insert(name, value);
            }
        }
        (Value::Array(values), Children::Seq(nodes)) => {
            for (value, node) in values.into_iter().zip(nodes).rev() {
                if !value.is_object() {
                    return Err(Refusal::at(node.span.start, UNMERGEABLE));
                }
                merge(value, node, into, members)?;
            }
        }
        _ => return Err(Refusal::at(node.span.start, UNMERGEABLE)),
    }
    Ok(())
}

/// A quoted `<<` is a key like any other.
pub(super) fn is_merge(style: ScalarStyle, tag: Option<&str>) -> bool {
    tag == Some("merge") || (tag.is_none() && style == ScalarStyle::Plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Style, parse};
    use crate::engine::place::Place;

    fn refused(text: &str) -> String {
        let (_, errors) = parse(text);
        errors.into_iter().map(|error| error.message).collect()
    }

    /// Recorded from kubectl 1.34: go-yaml v2 writes a merge where it stands, over explicit keys above it.
    #[test]
    fn what_stands_later_wins_as_in_kubectl() {
        let text = "\
base: &base {k: 1, l: 2}
above: {k: 9, <<: *base}
below: {<<: *base, k: 9}
list: {<<: [{k: 1}, *base, {k: 3, m: 3}]}
quoted: {\"<<\": 1}
";
        let (documents, errors) = parse(text);
        assert_eq!(errors, []);
        assert_eq!(
            documents[0].value,
            json!({
                "base": {"k": 1, "l": 2},
                "above": {"k": 1, "l": 2},
                "below": {"k": 9, "l": 2},
                "list": {"k": 1, "l": 2, "m": 3},
                "quoted": {"<<": 1},
            })
        );
    }

    #[test]
    fn merged_values_stand_where_their_alias_stands() {
        let text = "base: &base {k: {l: 1}}\nmap:\n  <<: *base\n  <<: {m: 2}\n";
        let (documents, _) = parse(text);
        let map = Place::fields(&["map"]);
        let deep = map.field("k").field("l");
        assert_eq!(documents[0].value_span(&deep).map(|span| &text[span]), Some("*base"));
        assert_eq!(documents[0].style(&deep), Some(Style::Alias));
        assert_eq!(documents[0].value_span(&map.field("k").field("other")), None);
        assert_eq!(documents[0].value_span(&map.field("m")).map(|span| &text[span]), Some("2"));
    }

    #[test]
    fn only_maps_merge() {
        let message = "`<<` needs a map or a list of maps";
        assert_eq!(refused("a: {<<: 1}\n"), message);
        assert_eq!(refused("a: {<<: [{b: 1}, 2]}\n"), message);
        assert_eq!(refused("a: &a [{b: 1}]\nc: {<<: *a}\n"), message);
        assert_eq!(refused("a: {<<: [[{b: 1}]]}\n"), message);
    }
}

//! Documents to Kubernetes objects.

use serde_json::{Map, Value};

use crate::engine::place::Place;

/// The Kubernetes objects of the document that is the `index`th of its source: the document if it has an `apiVersion`
/// and a `kind`, or the items of a `List`, with what the list says of them written into each. What has neither (Helm
/// values, a Compose file) is passed over.
pub fn objects(document: &mut Value, index: usize) -> Vec<Object> {
    let mut objects = Vec::new();
    find_in(document, index, Place::default(), &mut objects);
    objects
}

/// One Kubernetes object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The document that holds it.
    pub document: usize,
    /// Where it stands there: the root, or an item of a list.
    pub root: Place,
}

const NOTHING: &Value = &Value::Null;

impl Object {
    /// The JSON of the object in its document; null in another one.
    pub fn value<'d>(&self, document: &'d Value) -> &'d Value {
        document.pointer(&self.root.pointer()).unwrap_or(NOTHING)
    }

    /// A place in the object as a place in its document.
    #[must_use]
    pub fn within(&self, place: &Place) -> Place {
        self.root.join(place.segments())
    }
}

/// Recursion is bounded by the depth that the parser allows.
fn find_in(value: &mut Value, document: usize, root: Place, objects: &mut Vec<Object>) {
    let Value::Object(map) = value else { return };
    let (Some(version), Some(kind)) = (name(map, "apiVersion"), name(map, "kind")) else { return };
    let item_kind = kind.strip_suffix("List").map(ToOwned::to_owned);
    let (Some(item_kind), Some(Value::Array(items))) = (item_kind, map.get_mut("items")) else {
        objects.push(Object { document, root });
        return;
    };
    let items_place = root.field("items");
    for (index, item) in items.iter_mut().enumerate() {
        if let Value::Object(item) = item {
            complete(item, &version, &item_kind);
        }
        find_in(item, document, items_place.item(index, None), objects);
    }
}

/// The API server leaves both fields out of the items of a typed list (`kubectl get --raw`).
fn complete(item: &mut Map<String, Value>, version: &str, kind: &str) {
    if kind.is_empty() || item.contains_key("apiVersion") || item.contains_key("kind") {
        return;
    }
    item.insert("apiVersion".to_owned(), version.into());
    item.insert("kind".to_owned(), kind.into());
}

fn name(map: &Map<String, Value>, field: &str) -> Option<String> {
    map.get(field)?.as_str().filter(|name| !name.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::stream::parse;
    use super::super::tree::Document;
    use super::*;

    /// The documents of a text with their objects.
    fn read(text: &str) -> (Vec<Document>, Vec<Object>) {
        let (mut documents, _) = parse(text);
        let found = documents
            .iter_mut()
            .enumerate()
            .flat_map(|(index, document)| objects(&mut document.value, index));
        let found = found.collect();
        (documents, found)
    }

    /// Kind and name of every object.
    fn found(text: &str) -> Vec<(String, String)> {
        let (documents, objects) = read(text);
        let read = |object: &Object| {
            let value = object.value(&documents[object.document].value);
            let at =
                |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            (at("/kind"), at("/metadata/name"))
        };
        objects.iter().map(read).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect()
    }

    #[test]
    fn documents_that_are_no_objects_are_passed_over() {
        let text = "---\n---\n# only a comment\n---\nreplicas: 2\n---\nservices: {web: {image: a}}\n---\n- 1\n---\nplain\n\
                    ---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nkind: Pod\n";
        assert_eq!(found(text), pairs(&[("Pod", "a")]));
    }

    #[test]
    fn the_items_of_lists_are_objects() {
        let text = "\
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: a}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: Pod, metadata: {name: b}}
- null
- {kind: Pod}
";
        assert_eq!(found(text), pairs(&[("Deployment", "a"), ("Pod", "b")]));
        let (documents, objects) = read(text);
        let nested = &objects[1];
        assert_eq!(nested.root.pointer(), "/items/1/items/0");
        assert_eq!(&text[documents[0].span(&nested.within(&Place::fields(&["metadata", "name"])))], "b");
    }

    #[test]
    fn the_items_of_a_typed_list_get_the_kind_of_the_list() {
        let text =
            r#"{"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "a"}}]}"#;
        assert_eq!(found(text), pairs(&[("Deployment", "a")]));
    }

    #[test]
    fn a_kind_that_ends_in_list_without_items_is_an_object() {
        assert_eq!(
            found("apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\n"),
            pairs(&[("AllowList", "a")])
        );
    }

    #[test]
    fn json_objects_may_follow_one_another() {
        let text = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n\
                    {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}\n";
        assert_eq!(found(text), pairs(&[("Pod", "a"), ("Pod", "b")]));
    }

    #[test]
    fn an_error_leaves_the_readable_rest() {
        assert_eq!(
            found("a: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"),
            pairs(&[("Pod", "a")])
        );
    }
}

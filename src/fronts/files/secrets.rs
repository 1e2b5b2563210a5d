//! What of an object no output may repeat.

use serde_json::Value;

use crate::engine::keda::near;
use crate::engine::place::Place;
use crate::engine::subject::Subject;

/// Where an object may hold a secret: in trigger metadata, or in a variable of a container.
pub(super) fn secrets(subject: &Subject, object: &Value) -> Vec<Place> {
    match subject {
        Subject::Scaler(scaler) => scaler.secrets().collect(),
        Subject::Workload(_) => {
            ["containers", "initContainers"].iter().flat_map(|list| variables(list, object)).collect()
        }
    }
}

/// The variables whose names say that they are secret, and every number, of which only LW310 speaks: it may be a
/// password of digits.
fn variables(list: &'static str, object: &Value) -> Vec<Place> {
    let path = ["spec", "template", "spec", list];
    let containers = path.iter().try_fold(object, |value, field| value.get(field));
    let mut secrets = Vec::new();
    for (at, container) in items(containers) {
        for (index, variable) in items(container.get("env")) {
            let Some(value) = variable.get("value") else { continue };
            let name = variable.get("name").and_then(Value::as_str).unwrap_or_default();
            if !value.is_string() || near::says_secret(name) {
                let variable = Place::fields(&path).item(at, None).field("env").item(index, None);
                secrets.push(variable.field("value"));
            }
        }
    }
    secrets
}

fn items(list: Option<&Value>) -> impl Iterator<Item = (usize, &Value)> {
    list.and_then(Value::as_array).into_iter().flatten().enumerate()
}

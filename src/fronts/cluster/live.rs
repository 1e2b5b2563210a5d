//! One look at a workload as it is now.

use std::time::Duration;

use http::Request;
use tokio::time::timeout;

use super::Cluster;
use super::resource::Resource;
use crate::engine::consumer::Consumer;
use crate::engine::object::ObjectRef;
use crate::engine::subject::Subject;

/// What a look at a workload showed.
#[derive(Clone, Debug)]
pub enum Look {
    /// It is there.
    There(Box<Consumer>),
    /// There is none.
    Gone,
    /// Nobody could tell in time.
    Failed,
}

impl Cluster {
    /// Asks the API server for a workload.
    pub async fn look(&self, target: &ObjectRef, within: Duration) -> Look {
        let Some(path) = path(target) else { return Look::Gone };
        let Ok(request) = Request::get(path).body(Vec::new()) else { return Look::Failed };
        match timeout(within.min(self.pace.look), self.live.request_text(request)).await {
            Ok(Ok(text)) => read(target, &text),
            Ok(Err(kube::Error::Api(status))) if status.code == 404 => Look::Gone,
            // What went wrong is for the watches to say; an error may quote what an object holds.
            Ok(Err(_)) | Err(_) => {
                tracing::debug!(object = %target, "could not be looked at");
                Look::Failed
            }
        }
    }
}

fn read(target: &ObjectRef, text: &str) -> Look {
    match Subject::distil(target.kind, &mut serde_json::Deserializer::from_str(text)) {
        Ok(Subject::Workload(consumer)) => Look::There(consumer),
        Ok(Subject::Scaler(_)) | Err(_) => Look::Failed,
    }
}

/// Names come from the object that is judged: whatever cannot be one leads nowhere.
fn path(target: &ObjectRef) -> Option<String> {
    let is_name = |name: &str| {
        let is_legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        name.bytes().all(is_legal) && name.bytes().next().is_some_and(|first| first != b'.')
    };
    let (namespace, name) = (target.namespace.as_deref()?, &*target.name);
    let plural = Resource::of(target.kind).plural();
    let api = target.kind.api_version();
    (is_name(namespace) && is_name(name))
        .then(|| format!("/apis/{api}/namespaces/{namespace}/{plural}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::object::Kind;

    #[test]
    fn only_a_name_becomes_part_of_a_path() {
        let path = |name: &str| {
            path(&ObjectRef { kind: Kind::Deployment, namespace: Some("payments".into()), name: name.into() })
        };
        let whole = "/apis/apps/v1/namespaces/payments/deployments/consumer.v2";
        assert_eq!(path("consumer.v2").as_deref(), Some(whole));
        for name in ["", "..", "a/../../secrets", "a?watch=true", "a%2f", "A", "a b"] {
            assert_eq!(path(name), None, "{name:?}");
        }
    }
}

//! Pairs of a Deployment and a ScaledObject, as the API server sends them.

/// A consumer with 12 variables, a sidecar, and what kubectl and the API server add.
const DEPLOYMENT: &str = include_str!("deployment.json");
const SCALED_OBJECT: &str = include_str!("scaledobject.json");

/// Namespace and name: twenty pairs in each namespace.
pub(crate) fn name(number: usize) -> (String, String) {
    (format!("team-{:04}", number / 20), format!("orders-worker-{number:06}"))
}

pub(crate) fn deployment(number: usize) -> String {
    named(DEPLOYMENT, number)
}

pub(crate) fn scaled_object(number: usize) -> String {
    named(SCALED_OBJECT, number)
}

/// The AdmissionReview of a ScaledObject's creation.
pub(crate) fn review(number: usize) -> String {
    let (namespace, name) = name(number);
    let object = scaled_object(number);
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"705ab4f5","kind":{{"group":"keda.sh","version":"v1alpha1","kind":"ScaledObject"}},"name":"{name}","namespace":"{namespace}","operation":"CREATE","dryRun":false,"object":{object}}}}}"#
    )
}

fn named(text: &str, number: usize) -> String {
    let (namespace, name) = name(number);
    text.replace("NAMESPACE", &namespace).replace("NAME", &name)
}

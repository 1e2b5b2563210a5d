//! A cluster with many pairs.

use std::ops::Range;

use kube::core::DynamicObject;
use serde_json::Value;

use super::pairs;
use crate::cluster::Cluster;

/// Threads that create.
const HANDS: usize = 4;

/// Creates the pairs with these numbers.
pub(crate) fn fill(cluster: &Cluster, numbers: Range<usize>) {
    let admin = cluster.admin();
    let mut namespaces: Vec<String> = numbers.clone().map(|number| pairs::name(number).0).collect();
    namespaces.dedup();
    for namespace in &namespaces {
        admin.create_namespace(namespace, &[]).expect("a namespace of pairs");
    }
    std::thread::scope(|scope| {
        for hand in 0..HANDS {
            let (admin, numbers) = (admin.clone(), numbers.clone());
            scope.spawn(move || {
                for number in numbers.skip(hand).step_by(HANDS) {
                    let (namespace, _) = pairs::name(number);
                    let deployment = object(&pairs::deployment(number), &namespace);
                    admin.deployments(&namespace).create(&deployment).expect("a Deployment");
                    let scaled_object = object(&pairs::scaled_object(number), &namespace);
                    admin.scaled_objects(&namespace).create(&scaled_object).expect("a ScaledObject");
                }
            });
        }
    });
}

/// An object as somebody would create it in this namespace.
pub(crate) fn object(json: &str, namespace: &str) -> DynamicObject {
    let mut object: Value = serde_json::from_str(json).expect("the data is JSON");
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|key, _| ["name", "labels", "annotations"].contains(&key.as_str()));
    metadata.insert("namespace".to_owned(), namespace.into());
    object.as_object_mut().expect("an object").remove("status");
    serde_json::from_value(object).expect("an object of Kubernetes")
}

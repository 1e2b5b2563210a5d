//! The store, without a cluster.

use std::collections::BTreeMap;

use lagward::engine::object::Kind;
use lagward::engine::subject::Subject;
use lagward::engine::world::{Lookup, World, is_pair};
use lagward::fronts::cluster::Resource;
use lagward::fronts::cluster::reading::{Known, Reading};
use lagward::fronts::cluster::snapshot::{Entry, Id, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::properties::{object, workload};
use crate::support::{as_consumer, as_scaler, consumer, edit, scaler, subject};

const ALL: Known =
    Known { deployments: true, stateful_sets: true, scaled_objects: true, topics: true, namespaces: true };

fn insert(snapshot: &mut Snapshot, object: &Value) {
    let kind = subject(object).meta().object.kind;
    let text = |key: &str| object["metadata"][key].as_str().expect("a name");
    let entry = Entry::read(Resource::of(kind), &object.to_string()).expect("it can be read");
    snapshot.insert(Resource::of(kind), Id::new(text("namespace"), text("name")), entry);
}

fn snapshot(objects: &[Value]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    objects.iter().for_each(|object| insert(&mut snapshot, object));
    snapshot
}

fn named(object: &Value, namespace: &str, name: &str) -> Value {
    let object = edit(object, "/metadata/namespace", namespace.into());
    edit(&object, "/metadata/name", name.into())
}

/// What a lookup says, without the object.
fn state<T>(lookup: &Lookup<T>) -> &'static str {
    match lookup {
        Lookup::Found(_) => "found",
        Lookup::Absent => "absent",
        Lookup::Unknown => "unknown",
    }
}

#[test]
fn both_sides_of_a_pair_are_found() {
    let snapshot = snapshot(&[consumer(), scaler(), named(&scaler(), "other", "orders")]);
    let world = Reading::new(&snapshot, ALL);
    let found = world.consumer_of(&as_scaler(&scaler())).found().expect("the workload");
    assert_eq!(found.meta.object, as_consumer(&consumer()).meta.object);
    assert_eq!(found.containers[0].session.value(), as_consumer(&consumer()).containers[0].session.value());
    let scalers = world.scalers_of(&as_consumer(&consumer())).found().expect("its ScaledObject");
    assert_eq!(scalers.len(), 1);
    assert_eq!(scalers[0].meta.object, as_scaler(&scaler()).meta.object);
}

#[test]
fn what_a_watch_does_not_know_is_unknown_and_what_is_not_there_absent() {
    let snapshot = Snapshot::default();
    let of_scaler = |known| state(&Reading::new(&snapshot, known).consumer_of(&as_scaler(&scaler())));
    let of_workload = |known| state(&Reading::new(&snapshot, known).scalers_of(&as_consumer(&consumer())));
    assert_eq!((of_scaler(ALL), of_workload(ALL)), ("absent", "absent"));
    assert_eq!(of_scaler(Known { deployments: false, ..ALL }), "unknown");
    assert_eq!(of_workload(Known { scaled_objects: false, ..ALL }), "unknown");
}

#[test]
fn a_workload_without_evidence_is_there_but_unknown() {
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "web"}]}}}});
    let snapshot = snapshot(&[web]);
    assert_eq!(snapshot.len(Resource::Deployments), 1);
    assert_eq!(state(&Reading::new(&snapshot, ALL).consumer_of(&as_scaler(&scaler()))), "unknown");
}

#[test]
fn a_target_of_another_kind_is_unknown() {
    let rollout = edit(
        &scaler(),
        "/spec/scaleTargetRef",
        json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "orders"}),
    );
    let snapshot = snapshot(&[consumer(), rollout.clone()]);
    let world = Reading::new(&snapshot, ALL);
    assert_eq!(state(&world.consumer_of(&as_scaler(&rollout))), "unknown");
    assert_eq!(state(&world.scalers_of(&as_consumer(&consumer()))), "absent");
}

#[test]
fn a_scaled_object_that_turns_to_another_workload_leaves_the_first() {
    let mut snapshot = snapshot(&[scaler()]);
    insert(&mut snapshot, &edit(&scaler(), "/spec/scaleTargetRef/name", "invoices".into()));
    let world = Reading::new(&snapshot, ALL);
    assert_eq!(state(&world.scalers_of(&as_consumer(&consumer()))), "absent");
    assert_eq!(state(&world.scalers_of(&as_consumer(&named(&consumer(), "shop", "invoices")))), "found");
}

#[test]
fn rivals_are_known_without_their_workload() {
    let rival = named(&scaler(), "shop", "orders-too");
    let snapshot = snapshot(&[scaler(), rival]);
    let world = Reading::new(&snapshot, ALL);
    let judged = as_scaler(&scaler());
    let rivals: Vec<&str> = world.rivals_of(&judged).iter().map(|rival| &*rival.meta.object.name).collect();
    assert_eq!(rivals, ["orders-too"]);
}

#[test]
fn partitions_count_while_all_topics_of_the_name_agree() {
    let topic = |partitions: i64| {
        let object = json!({"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic",
            "metadata": {"name": "orders"}, "spec": {"partitions": partitions}});
        Entry::read(Resource::KafkaTopics, &object.to_string()).unwrap()
    };
    let mut snapshot = Snapshot::default();
    let judged = as_scaler(&scaler());
    let count = |snapshot: &Snapshot, known| Reading::new(snapshot, known).partitions_of(&judged, "orders");
    snapshot.insert(Resource::KafkaTopics, Id::new("kafka", "orders"), topic(12));
    assert_eq!(count(&snapshot, ALL), Some(12));
    assert_eq!(count(&snapshot, Known { topics: false, ..ALL }), None);
    snapshot.insert(Resource::KafkaTopics, Id::new("kafka-eu", "orders"), topic(48));
    assert_eq!(count(&snapshot, ALL), None);
    snapshot.insert(Resource::KafkaTopics, Id::new("kafka", "orders"), topic(48));
    assert_eq!(count(&snapshot, ALL), Some(48));
    snapshot.remove(Resource::KafkaTopics, &Id::new("kafka", "orders"));
    snapshot.remove(Resource::KafkaTopics, &Id::new("kafka-eu", "orders"));
    assert_eq!(count(&snapshot, ALL), None);
}

#[test]
fn a_list_takes_the_place_of_what_was_known_and_of_nothing_else() {
    let mut known = snapshot(&[consumer(), scaler()]);
    let mut aside = Snapshot::default();
    insert(&mut aside, &named(&consumer(), "shop", "invoices"));
    known.swap(Resource::Deployments, &mut aside);
    let world = Reading::new(&known, ALL);
    assert_eq!(state(&world.consumer_of(&as_scaler(&scaler()))), "absent");
    assert_eq!(state(&world.scalers_of(&as_consumer(&consumer()))), "found");
    assert_eq!(aside.len(Resource::Deployments), 1, "what was known before");
}

/// What other objects are judged by.
fn essence(subject: &Subject) -> String {
    match subject.clone() {
        Subject::Workload(mut consumer) => {
            (consumer.meta.labels, consumer.meta.exemptions) = Default::default();
            format!("{consumer:?}")
        }
        Subject::Scaler(mut scaler) => {
            (scaler.meta.labels, scaler.meta.exemptions) = Default::default();
            format!("{scaler:?}")
        }
    }
}

proptest! {
    #![proptest_config(crate::properties::config())]

    #[test]
    fn what_is_kept_is_what_was_read(object in object()) {
        let object = named(&object, "shop", "orders");
        let snapshot = snapshot(std::slice::from_ref(&object));
        let world = Reading::new(&snapshot, ALL);
        match subject(&object) {
            Subject::Workload(ref read) if read.may_consume() => {
                let mut asking = as_scaler(&scaler());
                asking.target.kind = Some(read.meta.object.kind);
                let kept = world.consumer_of(&asking).found().expect("it is kept").clone();
                prop_assert_eq!(essence(&Subject::Workload(Box::new(kept))), essence(&subject(&object)));
            }
            Subject::Workload(_) => {}
            Subject::Scaler(read) => {
                let mut asking = as_scaler(&named(&scaler(), "shop", "other"));
                asking.target = read.target.clone();
                let rivals = world.rivals_of(&asking);
                if read.target.kind.is_some() {
                    let kept = Subject::Scaler(Box::new((*rivals.first().expect("it is kept")).clone()));
                    prop_assert_eq!(essence(&kept), essence(&subject(&object)));
                }
            }
        }
    }

    /// Whatever comes and goes in whatever order, the answers are those of a list that is searched from end to end.
    #[test]
    fn the_index_answers_as_a_search_does(
        steps in proptest::collection::vec((workload(true), 0..3_usize, 0..3_usize, 0..6_u8), 1..24),
    ) {
        let (mut snapshot, mut list) = (Snapshot::default(), BTreeMap::new());
        let names = ["a", "b", "c"];
        for (generated, name, target, what) in steps {
            let object = if what % 2 == 0 {
                named(&generated, "shop", names[name])
            } else {
                let scaler = edit(&scaler(), "/spec/scaleTargetRef/name", names[target].into());
                named(&scaler, "shop", names[name])
            };
            let kind = subject(&object).meta().object.kind;
            if what < 4 {
                insert(&mut snapshot, &object);
                list.insert((kind, names[name]), subject(&object));
            } else {
                snapshot.remove(Resource::of(kind), &Id::new("shop", names[name]));
                list.remove(&(kind, names[name]));
            }
        }
        let world = Reading::new(&snapshot, ALL);
        for name in names {
            let asking = as_scaler(&edit(&scaler(), "/spec/scaleTargetRef/name", name.into()));
            let expected = match list.get(&(Kind::Deployment, name)) {
                None => "absent",
                Some(Subject::Workload(consumer)) if consumer.may_consume() => "found",
                Some(_) => "unknown",
            };
            prop_assert_eq!(state(&world.consumer_of(&asking)), expected);
            let asking = as_consumer(&named(&consumer(), "shop", name));
            let scalers = list.values().filter_map(|subject| match subject {
                Subject::Scaler(scaler) if is_pair(&asking, scaler) => Some(scaler.meta.object.clone()),
                _ => None,
            });
            let expected: Vec<_> = scalers.collect();
            let found = world.scalers_of(&asking).found().unwrap_or_default();
            let found: Vec<_> = found.iter().map(|scaler| scaler.meta.object.clone()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

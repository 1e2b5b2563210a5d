//! The watches, against whatever an API server may answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lagward::engine::world::{Lookup, World};
use lagward::fronts::cluster::{Cluster, Look, Pace, Resource};
use lagward::fronts::webhook::metrics::Metrics;
use serde_json::{Value, json};

use super::api::{Answer, Api, Asked, End, event, list, quiet, refusal, status};
use crate::support::{as_scaler, consumer, edit, scaler, set_env, subject};

const PATIENT: Duration = Duration::from_secs(600);
const PACE: Pace =
    Pace { stale: PATIENT, rediscover: Duration::from_millis(20), look: Duration::from_secs(10) };

/// A cluster that is watched.
fn watch(api: &Api, pace: Pace) -> Arc<Cluster> {
    let cluster = Cluster::new(api.config(), pace).expect("a cluster");
    cluster.watch();
    Arc::new(cluster)
}

/// An API server that answers about Deployments so, and has nothing else.
async fn deployments(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Api {
    Api::start(about("deployments", script)).await
}

fn about(
    plural: &'static str,
    script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| if asked.is_about(plural) { script(asked) } else { quiet(asked) }
}

/// Lists these once and for all.
fn holding(items: Vec<Value>) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| if asked.is_watch() { quiet(asked) } else { list(1, &items) }
}

/// What is known of the workload of the ScaledObject `shop/orders`.
fn known(cluster: &Cluster) -> &'static str {
    match cluster.read().consumer_of(&as_scaler(&scaler())) {
        Lookup::Found(_) => "found",
        Lookup::Absent => "absent",
        Lookup::Unknown => "unknown",
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), wait).await.is_ok(), "never {what}");
}

async fn until_known(cluster: &Cluster, state: &str) {
    until(state, || known(cluster) == state).await;
}

#[tokio::test]
async fn pages_are_one_list_and_events_follow_it() {
    let other = edit(&consumer(), "/metadata/name", "invoices".into());
    let gone = event("DELETED", 4, &consumer());
    let api = deployments(move |asked| match asked {
        asked if asked.is_watch() => Answer::Events(vec![event("ADDED", 3, &other)], End::Open),
        asked if asked.query.contains("continue=next") => list(2, &[consumer()]),
        _ => {
            let page = json!({"kind": "List", "apiVersion": "v1", "items": [other],
                "metadata": {"resourceVersion": "2", "continue": "next"}});
            Answer::Json(200, page.to_string())
        }
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "found").await;
    assert_eq!(cluster.health(Resource::Deployments).unwrap().objects(), 2);
    api.turn(about("deployments", move |_| Answer::Events(vec![gone.clone()], End::Open)));
    let cluster = watch(&api, PACE);
    assert_eq!(known(&cluster), "unknown", "no list has ended");
}

#[tokio::test]
async fn an_event_changes_what_is_known() {
    let api = deployments(|asked| match asked {
        asked if asked.query.contains("resourceVersion=1") => {
            Answer::Events(vec![event("ADDED", 2, &consumer())], End::Closed)
        }
        asked if asked.is_watch() => quiet(asked),
        _ => list(1, &[]),
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "found").await;
    let gone = |asked: &Asked| match asked.is_watch() {
        true => Answer::Events(vec![event("DELETED", 9, &consumer())], End::Open),
        false => list(8, &[consumer()]),
    };
    let api = deployments(gone).await;
    until_known(&watch(&api, PACE), "absent").await;
}

#[tokio::test]
async fn the_labels_of_namespaces_are_known() {
    let namespace = |tier: &str| {
        json!({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop", "resourceVersion": "2",
            "labels": {"tier": tier}}})
    };
    let api = Api::start(about("/api/v1/namespaces", move |asked| match asked {
        asked if asked.query.contains("resourceVersion=1") => {
            Answer::Events(vec![event("MODIFIED", 2, &namespace("prod"))], End::Open)
        }
        asked if asked.is_watch() => quiet(asked),
        _ => list(1, &[namespace("test")]),
    }))
    .await;
    let cluster = watch(&api, PACE);
    let labels = |namespace: &str| match cluster.read().labels_of_namespace(namespace) {
        Lookup::Found(labels) => labels.iter().map(|(key, value)| format!("{key}={value}")).collect(),
        Lookup::Absent => "absent".to_owned(),
        Lookup::Unknown => "unknown".to_owned(),
    };
    assert_eq!(labels("shop"), "unknown");
    until("the event is known", || labels("shop") == "tier=prod").await;
    assert_eq!(labels("other"), "absent");
}

#[tokio::test]
async fn a_watch_goes_on_where_a_bookmark_says() {
    let bookmark = json!({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {}});
    let api = deployments(move |asked| match asked {
        asked if asked.query.contains("resourceVersion=77") => {
            Answer::Events(vec![event("ADDED", 78, &consumer())], End::Open)
        }
        asked if asked.is_watch() => Answer::Events(vec![event("BOOKMARK", 77, &bookmark)], End::Closed),
        _ => list(1, &[]),
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "found").await;
    assert_eq!(cluster.health(Resource::Deployments).unwrap().restarts(), 0);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_costs_only_itself() {
    let api = deployments(|asked| {
        if asked.is_watch() {
            let odd = r#"{"type":"ADDED","object":{"metadata":{"name":"late","namespace":"shop","resourceVersion":"2"},"spec":{"replicas":1e999}}}"#;
            return Answer::Events(vec![odd.to_owned(), event("ADDED", 3, &edit(&consumer(), "/metadata/name", "last".into()))], End::Open);
        }
        let odd = r#"{"metadata":{"name":"orders","namespace":"shop"},"spec":{"replicas":1e999}}"#;
        let fine = edit(&consumer(), "/metadata/name", "invoices".into());
        let items = format!(r#"[{odd}, 7, null, [], {{}}, {{"metadata": 7}}, {fine}]"#);
        Answer::Json(200, format!(r#"{{"kind":"List","apiVersion":"v1","metadata":{{"resourceVersion":"1"}},"items":{items}}}"#))
    })
    .await;
    let cluster = watch(&api, PACE);
    until("all that has a name is there", || cluster.health(Resource::Deployments).unwrap().objects() == 4)
        .await;
    assert_eq!(known(&cluster), "unknown", "it is there, and nobody can read it");
}

#[tokio::test]
async fn an_expired_watch_lists_anew() {
    let lists = AtomicU32::new(0);
    let api = deployments(move |asked| match asked {
        asked if asked.query.contains("resourceVersion=1") => {
            let expired = format!(r#"{{"type":"ERROR","object":{}}}"#, status(410, "Expired"));
            Answer::Events(vec![expired], End::Closed)
        }
        asked if asked.is_watch() => quiet(asked),
        _ if lists.fetch_add(1, Ordering::Relaxed) == 0 => list(1, &[]),
        _ => list(50, &[consumer()]),
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "found").await;
    assert_eq!(cluster.health(Resource::Deployments).unwrap().restarts(), 1);
}

#[tokio::test]
async fn a_watch_that_may_not_begin_where_the_list_ended_lists_anew() {
    let api = deployments(|asked| match asked {
        asked if asked.query.contains("resourceVersion=1") => refusal(410, "Expired"),
        asked if asked.is_watch() => Answer::Events(vec![event("ADDED", 51, &consumer())], End::Open),
        _ => list(1, &[]),
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "absent").await;
    // A list that ended before may be followed by its watch only now.
    api.turn(about("deployments", |asked| match asked {
        asked if asked.query.contains("resourceVersion=1") => refusal(410, "Expired"),
        asked if asked.is_watch() => quiet(asked),
        _ => list(50, &[consumer()]),
    }));
    until_known(&cluster, "found").await;
}

#[tokio::test]
async fn what_is_forbidden_is_unknown_until_it_is_allowed() {
    let api = deployments(|_| refusal(403, "Forbidden")).await;
    let cluster = watch(&api, PACE);
    until("it was asked for", || api.asked().iter().any(|asked| asked.is_about("deployments"))).await;
    until("others are known", || cluster.health(Resource::StatefulSets).unwrap().is_complete()).await;
    assert_eq!(known(&cluster), "unknown");
    api.turn(about("deployments", holding(vec![consumer()])));
    until_known(&cluster, "found").await;
}

#[tokio::test]
async fn a_definition_may_come_and_go() {
    let missing = || about("scaledobjects", |_: &Asked| refusal(404, "NotFound"));
    let api = Api::start(missing()).await;
    let cluster = watch(&api, PACE);
    let health = cluster.health(Resource::ScaledObjects).unwrap();
    let asked = || api.asked().iter().filter(|asked| asked.is_about("scaledobjects")).count();
    until("it is looked for again", || asked() > 2).await;
    assert!(!health.is_complete());
    api.turn(about("scaledobjects", |asked| match asked.is_watch() {
        true => Answer::Events(Vec::new(), End::Closed),
        false => list(1, &[scaler()]),
    }));
    until("it is known", || health.is_complete() && health.objects() == 1).await;
    api.turn(missing());
    until("it is forgotten", || !health.is_complete() && health.objects() == 0).await;
}

#[tokio::test]
async fn topics_are_found_in_whatever_version_they_are_served() {
    let topic = json!({"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic",
        "metadata": {"name": "orders", "namespace": "kafka"}, "spec": {"partitions": 12}});
    let api = Api::start(move |asked| match asked {
        asked if !asked.is_about("kafkatopics") || asked.is_watch() => quiet(asked),
        asked if asked.path.contains("/v1beta2/") => list(1, std::slice::from_ref(&topic)),
        _ => refusal(404, "NotFound"),
    })
    .await;
    let cluster = watch(&api, PACE);
    let scaler = as_scaler(&scaler());
    until("its partitions are known", || cluster.read().partitions_of(&scaler, "orders") == Some(12)).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_leaves_everything_unknown() {
    let api = Api::start(|_| Answer::Silence).await;
    let cluster = watch(&api, PACE);
    until("it was asked", || api.asked().len() >= 4).await;
    assert_eq!(known(&cluster), "unknown");
}

#[tokio::test]
async fn what_was_heard_too_long_ago_is_unknown_until_it_is_heard_again() {
    let api = deployments(holding(vec![consumer()])).await;
    let stale = Duration::from_millis(300);
    let cluster = watch(&api, Pace { stale, ..PACE });
    until("it is listed", || cluster.health(Resource::Deployments).unwrap().is_complete()).await;
    until_known(&cluster, "unknown").await;
    let bookmark = json!({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {}});
    let endless = move |_: &Asked| Answer::Events(vec![event("BOOKMARK", 5, &bookmark)], End::Closed);
    let api =
        deployments(move |asked| if asked.is_watch() { endless(asked) } else { list(1, &[consumer()]) });
    let cluster = watch(&api.await, Pace { stale, ..PACE });
    until_known(&cluster, "found").await;
    tokio::time::sleep(stale * 2).await;
    until_known(&cluster, "found").await;
}

#[tokio::test]
async fn a_server_that_was_away_is_followed_again() {
    let api = deployments(|asked| match asked.is_watch() {
        true => Answer::Events(Vec::new(), End::Closed),
        false => list(1, &[]),
    })
    .await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "absent").await;
    api.turn(|_| refusal(500, "InternalError"));
    let before = api.asked().len();
    until("it is asked again", || api.asked().len() > before).await;
    assert_eq!(known(&cluster), "absent", "what is known stays known for a while");
    api.turn(about("deployments", |asked| match asked.is_watch() {
        true => Answer::Events(vec![event("ADDED", 2, &consumer())], End::Open),
        false => list(1, &[]),
    }));
    until_known(&cluster, "found").await;
}

#[tokio::test]
async fn a_look_shows_the_workload_as_it_is() {
    let stored = consumer();
    let path = "/apis/apps/v1/namespaces/shop/deployments/orders";
    let api = Api::start(move |asked| match asked.path == path {
        true => Answer::Json(200, stored.to_string()),
        false => refusal(404, "NotFound"),
    })
    .await;
    let cluster = Cluster::new(api.config(), PACE).unwrap();
    let target = |name: &str| {
        let object = edit(&consumer(), "/metadata/name", name.into());
        subject(&object).meta().object.clone()
    };
    assert!(matches!(cluster.look(&target("orders"), PATIENT).await, Look::There(_)));
    assert!(matches!(cluster.look(&target("invoices"), PATIENT).await, Look::Gone));
    api.turn(|_| refusal(500, "InternalError"));
    assert!(matches!(cluster.look(&target("orders"), PATIENT).await, Look::Failed));
    api.turn(|_| Answer::Silence);
    assert!(matches!(cluster.look(&target("orders"), Duration::from_millis(10)).await, Look::Failed));
}

#[tokio::test]
async fn the_watches_are_among_the_metrics() {
    let secret = set_env(&consumer(), "DB_PASSWORD", "hunter2".into());
    let api = deployments(holding(vec![secret])).await;
    let cluster = watch(&api, PACE);
    until_known(&cluster, "found").await;
    let text = Metrics::new(None, Some(cluster.collector())).encode();
    for line in [
        "# UNIT lagward_watch_age_seconds seconds\n",
        "lagward_watch_age_seconds{watch=\"deployments\"} 0.",
        "lagward_watch_complete{watch=\"deployments\"} 1\n",
        "lagward_watch_objects{watch=\"deployments\"} 1\n",
        "lagward_watch_restarts_total{watch=\"deployments\"} 0\n",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!format!("{cluster:?}").contains("hunter2") && !text.contains("orders"));
}

//! What an audit says where it cannot look.

use serde_json::json;

use super::api::{Answer, Api, list, refusal};
use super::audit_run::{audit, drifted, holding, named, page, run, troubled};
use crate::support::{consumer, edit, scaler, set_env};

#[tokio::test]
async fn a_namespace_that_is_not_there_is_missing() {
    let api = Api::start(|asked| match asked.path.as_str() {
        "/api/v1/namespaces/shpo" => refusal(404, "NotFound"),
        _ => list(1, &[]),
    })
    .await;
    let audited = audit(&api, &["-n", "shpo"]).await;
    assert_eq!(audited.code, 2);
    assert_eq!(audited.complaints(), ["error: the cluster has no namespace shpo"]);
    let nonsense = audit(&api, &["-n", "../secrets"]).await;
    assert_eq!(nonsense.code, 2);
}

#[tokio::test]
async fn what_may_not_be_listed_is_said_once_and_the_rest_is_judged() {
    let low = edit(&drifted(), "/spec/triggers/0/metadata/lagThreshold", "10".into());
    let api = Api::start(move |asked| match asked.is_about("deployments") {
        true => refusal(403, "Forbidden"),
        false => holding(vec![low.clone()])(asked),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    assert_eq!(audited.found(), ["LW301 ScaledObject shop/orders"], "the Deployment is unknown, not absent");
    let said = "error: the API server does not let you list deployments in all namespaces";
    assert_eq!((audited.code, audited.complaints()), (2, vec![said]));
    assert!(audited.err.contains("\n  help: "));
}

#[tokio::test]
async fn a_namespace_that_may_not_be_seen_costs_only_itself() {
    let api = Api::start(|asked| match asked.path.contains("/namespaces/nowhere/") {
        true => refusal(403, "Forbidden"),
        false => holding(troubled())(asked),
    })
    .await;
    let audited = audit(&api, &["-n", "nowhere,shop"]).await;
    assert_eq!(audited.found(), ["LW104 ScaledObject shop/orders"]);
    assert_eq!(audited.code, 2);
    assert!(
        audited.complaints().iter().all(|line| line.ends_with("in namespace nowhere")),
        "{}",
        audited.err
    );
}

#[tokio::test]
async fn credentials_that_have_ended_are_said_once() {
    let api = Api::start(|_| refusal(401, "Unauthorized")).await;
    let audited = audit(&api, &["-A"]).await;
    let said = "error: the API server does not accept the credentials of the kubeconfig";
    assert_eq!((audited.code, audited.complaints()), (2, vec![said]));
    assert_eq!(api.asked().len(), 1, "nothing else is asked");
}

#[tokio::test]
async fn a_cluster_without_keda_has_no_scaled_objects() {
    let api = Api::start(|asked| match asked {
        asked if asked.path.starts_with("/apis/apps/") => holding(vec![consumer()])(asked),
        _ => refusal(404, "NotFound"),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    let said = "warning: the cluster has no ScaledObjects: KEDA is not installed";
    assert_eq!((audited.code, audited.complaints()), (0, vec![said]));
}

#[tokio::test]
async fn topics_are_not_needed() {
    let api = Api::start(|asked| match asked.is_about("kafkatopics") {
        true => refusal(403, "Forbidden"),
        false => holding(vec![consumer(), scaler()])(asked),
    })
    .await;
    let audited = audit(&api, &["-n", "shop"]).await;
    assert_eq!((audited.code, audited.complaints().len()), (0, 1), "{}", audited.err);
    assert!(audited.err.starts_with("warning: the API server does not let you list kafkatopics"));
}

#[tokio::test]
async fn rollouts_and_autoscalers_that_may_not_be_listed_are_said_once_each_and_the_rest_is_judged() {
    let api =
        Api::start(|asked| match asked.is_about("rollouts") || asked.is_about("horizontalpodautoscalers") {
            true => refusal(403, "Forbidden"),
            false => holding(vec![consumer(), drifted()])(asked),
        })
        .await;
    let audited = audit(&api, &["-A"]).await;
    assert_eq!((audited.code, audited.found()), (1, vec!["LW104 ScaledObject shop/orders".to_owned()]));
    let complaints = audited.complaints();
    let said = |resource: &str| {
        format!("warning: the API server does not let you list {resource} in all namespaces; ")
    };
    assert_eq!(complaints.len(), 2, "{}", audited.err);
    assert!(
        complaints[0].starts_with(&said("rollouts"))
            && complaints[1].starts_with(&said("horizontalpodautoscalers"))
    );
}

#[tokio::test]
async fn a_cluster_without_rollouts_is_none_worth_a_word() {
    let api = Api::start(|asked| match asked.is_about("rollouts") {
        true => refusal(404, "NotFound"),
        false => holding(vec![consumer(), drifted()])(asked),
    })
    .await;
    let audited = audit(&api, &["-n", "shop"]).await;
    assert_eq!((audited.found(), &*audited.err), (vec!["LW104 ScaledObject shop/orders".to_owned()], ""));
}

#[tokio::test]
async fn a_list_that_breaks_off_is_judged_as_far_as_it_came() {
    let bad = set_env(&named(&consumer(), "shop", "first"), "KAFKA_SESSION_TIMEOUT_MS", "1000".into());
    let api = Api::start(move |asked| match asked {
        asked if !asked.is_about("deployments") => holding(vec![scaler()])(asked),
        asked if asked.query.contains("continue=") => Answer::Cut(r#"{"metadata":{},"items":["#.to_owned()),
        _ => page(std::slice::from_ref(&bad), "next"),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    assert!(audited.found().contains(&"LW101 Deployment shop/first".to_owned()), "{}", audited.out);
    assert!(!audited.out.contains("LW208"), "nobody knows what the rest of the list holds");
    let said = "error: the list of deployments in all namespaces broke off";
    assert_eq!((audited.code, audited.complaints()), (2, vec![said]));
}

#[tokio::test]
async fn an_api_server_that_goes_away_in_the_middle_of_a_list_is_said_once_more() {
    let bad = set_env(&named(&consumer(), "shop", "first"), "KAFKA_SESSION_TIMEOUT_MS", "1000".into());
    let api = Api::start(move |asked| match asked {
        asked if !asked.is_about("deployments") => holding(vec![scaler()])(asked),
        asked if asked.query.contains("continue=") => Answer::Gone(r#"{"metadata":{},"items":["#.to_owned()),
        _ => page(std::slice::from_ref(&bad), "next"),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    assert!(audited.found().contains(&"LW101 Deployment shop/first".to_owned()), "{}", audited.out);
    let complaints = audited.complaints();
    assert_eq!((audited.code, complaints.len()), (2, 2), "{}", audited.err);
    assert_eq!(complaints[0], "error: the list of deployments in all namespaces broke off");
    assert!(complaints[1].starts_with("error: the API server cannot be reached: "), "{}", audited.err);
}

#[tokio::test]
async fn a_list_that_expires_is_begun_anew() {
    let lists = std::sync::atomic::AtomicU32::new(0);
    let api = Api::start(move |asked| match asked {
        asked if !asked.is_about("scaledobjects") => holding(vec![consumer()])(asked),
        asked if asked.query.contains("continue=") => refusal(410, "Expired"),
        _ if lists.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 => page(&[drifted()], "next"),
        _ => list(2, &[drifted()]),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    assert_eq!(audited.found(), ["LW104 ScaledObject shop/orders"]);
    assert_eq!((audited.json()["summary"]["objects"].clone(), &*audited.err), (json!(2), ""));
}

#[tokio::test]
async fn an_object_that_cannot_be_read_costs_only_itself() {
    let api = Api::start(|asked| {
        if !asked.is_about("deployments") {
            return holding(vec![drifted(), named(&scaler(), "shop", "odd")])(asked);
        }
        let odd =
            r#"{"metadata":{"name":"orders","namespace":"odd"},"spec":{"replicas":1e999,"env":"hunter2"}}"#;
        let items = format!("[{odd}, 7, {}]", consumer());
        Answer::Json(200, format!(r#"{{"metadata":{{}},"items":{items}}}"#))
    })
    .await;
    let audited = audit(&api, &["-A", "--select", "LW104,LW208"]).await;
    assert_eq!(audited.found(), ["LW104 ScaledObject shop/orders"]);
    let said = [
        "error: odd/orders of the deployments cannot be read",
        "error: one of the deployments has no name and cannot be judged",
    ];
    let mut complaints = audited.complaints();
    complaints.sort_unstable();
    assert_eq!((audited.code, complaints), (2, said.to_vec()));
    assert!(!audited.err.contains("hunter2") && !audited.out.contains("hunter2"));
}

#[tokio::test]
async fn a_cluster_that_cannot_be_found_is_one_line() {
    let api = Api::start(|_| list(1, &[])).await;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let address = api.config().cluster_url.to_string();
    let dead = api.kubeconfig().replace(address.trim_end_matches('/'), &format!("http://{gone}"));
    for (kubeconfig, arguments, said) in [
        (
            api.kubeconfig(),
            &["audit", "--context", "prod"][..],
            "error: the kubeconfig has no context \"prod\"",
        ),
        (String::new(), &["audit"], "error: cannot find a cluster: "),
        ("{".to_owned(), &["audit"], "error: cannot find a cluster: "),
        (dead, &["audit", "-A"], "error: the API server cannot be reached: "),
        (api.kubeconfig(), &["audit", "-o", "github"], "error: github shows findings in files"),
    ] {
        let audited = run(&kubeconfig, arguments, String::new()).await;
        assert_eq!(audited.code, 2, "{said}");
        assert!(audited.err.starts_with(said), "{said}\n{}", audited.err);
        assert_eq!(audited.complaints().len(), 1, "{}", audited.err);
        assert!(audited.err.contains("\n  help: "), "{}", audited.err);
    }
}

//! What cannot be done is said, nothing is half written, and the next pass heals.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lagward_certs::ensure::{Wish, ensure};
use serde_json::json;

use crate::api::{Api, Fault, plan};
use crate::objects::{MUTATING, SECRET, VALIDATING, managed};

const CALM: Wish = Wish { rotate: false, settle: Duration::from_secs(30) };

/// What a pass says that does not come to its end, with its help.
async fn refused(api: &Api) -> String {
    let error = ensure(&api.cluster(), &plan(), CALM).await.expect_err("it should have failed");
    format!("{error}; {}", error.help().unwrap_or_default())
}

async fn heals(api: &Api) {
    ensure(&api.cluster(), &plan(), CALM).await.expect("it should have healed");
    assert!(api.world().objects.state().tls.is_some());
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_permitted_is_named_with_its_verb() {
    let secrets = SECRET.rsplit_once('/').unwrap().0;
    for (line, said) in [
        (format!("GET {SECRET}"), "cannot get secret lagward/lagward-tls: "),
        (format!("POST {secrets}"), "cannot create secret lagward/lagward-tls: "),
        (format!("PUT {SECRET}"), "cannot update secret lagward/lagward-tls: "),
        (format!("GET {VALIDATING}"), "cannot get validatingwebhookconfiguration lagward: "),
        (format!("PATCH {VALIDATING}"), "cannot patch validatingwebhookconfiguration lagward: "),
        (format!("PATCH {MUTATING}"), "cannot patch mutatingwebhookconfiguration lagward: "),
        ("GET /apis/apps".to_owned(), "cannot get deployment lagward/lagward-certs: "),
    ] {
        let api = Api::installed();
        api.world().forbidden = Some(line);
        let text = refused(&api).await;
        assert!(text.contains(said) && text.contains("rbac.yaml"), "{text}");
        assert!(api.world().objects.state().tls.is_none(), "nothing is served before all is well");
        api.world().forbidden = None;
        heals(&api).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_somebody_else_is_left_as_it_is() {
    let api = Api::installed();
    let foreign = json!({"metadata": {"name": "lagward-tls"}, "data": {"tls.crt": "Zm9yZWlnbg=="}});
    api.world().objects.store(SECRET, foreign);
    let before = api.world().objects.get(SECRET).cloned();
    let text = refused(&api).await;
    assert!(text.starts_with("secret lagward/lagward-tls was not made by lagward-certs"), "{text}");
    assert_eq!(api.world().objects.get(SECRET).cloned(), before);
    assert_eq!(api.world().writes(), [""; 0]);
    api.world().objects.remove(SECRET);
    heals(&api).await;
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_is_missing_stops_before_anything_is_written() {
    let api = Api::installed();
    let object = api.world().objects.get(MUTATING).unwrap().clone();
    api.world().objects.remove(MUTATING);
    let text = refused(&api).await;
    assert!(text.starts_with("there is no mutatingwebhookconfiguration lagward"), "{text}");
    assert_eq!(api.world().writes(), [""; 0]);
    api.world().objects.store(MUTATING, object);
    heals(&api).await;
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_somebody_else_applies_is_not_quarrelled_over() {
    let api = Api::installed();
    let mut object = api.world().objects.get(VALIDATING).unwrap().clone();
    object["metadata"]["managedFields"] = managed("cert-manager-cainjector", "Apply");
    api.world().objects.store(VALIDATING, object);
    let text = refused(&api).await;
    assert!(
        text.contains("validatingwebhookconfiguration lagward is applied by `cert-manager-cainjector`"),
        "{text}"
    );
    assert_eq!(api.world().writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_configuration_without_webhooks_of_lagward_is_somebody_elses() {
    let api = Api::installed();
    let foreign = json!({"metadata": {"name": "lagward"}, "webhooks": [{"name": "foreign.example.com", "clientConfig": {}}]});
    api.world().objects.store(VALIDATING, foreign);
    let text = refused(&api).await;
    assert!(text.starts_with("validatingwebhookconfiguration lagward has no webhook of lagward"), "{text}");
    assert_eq!(api.world().writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_secret_is_replaced_and_foreign_keys_in_it_stay() {
    for key in ["tls.crt", "tls.key", "ca.crt", "next.crt"] {
        let api = Api::installed();
        heals(&api).await;
        let mut secret = api.world().objects.get(SECRET).unwrap().clone();
        secret["data"][key] = json!(BASE64_STANDARD.encode("corrupt"));
        secret["data"]["theirs"] = json!("dGhlaXJz");
        api.world().objects.store(SECRET, secret);
        heals(&api).await;
        let world = api.world();
        let state = world.objects.state();
        state.tls.unwrap().check(&state.bundle, &plan().order.names, world.now()).unwrap();
        assert_eq!(world.objects.get(SECRET).unwrap()["data"]["theirs"], "dGhlaXJz");
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_goes_away_at_any_request_is_said_and_the_next_pass_goes_on() {
    let calm = Api::installed();
    heals(&calm).await;
    let requests = calm.world().log.len();
    for fault in [Fault::Lost, Fault::Unanswered] {
        for at in 0..requests {
            let api = Api::installed();
            api.world().faults.extend(std::iter::repeat_n(None, at).chain([Some(fault)]));
            let text = refused(&api).await;
            assert!(text.starts_with("cannot "), "{text}");
            heals(&api).await;
            assert_eq!(ensure(&api.cluster(), &plan(), CALM).await.unwrap().done, []);
        }
    }
}

//! What a pass does, request by request.

use std::sync::Arc;

use lagward_certs::bundle::Bundle;
use lagward_certs::ensure::{Done, Report, Wish, ensure};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant};

use crate::api::{Api, DAY, NAME, SETTLE, plan};
use crate::objects::{MUTATING, SECRET, VALIDATING};
use crate::witness::Witness;

const CALM: Wish = Wish { rotate: false, settle: SETTLE };

async fn pass(api: &Api, wish: Wish) -> Report {
    ensure(&api.cluster(), &plan(), wish).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_first_pass_writes_trusts_waits_and_only_then_serves() {
    let (api, start) = (Api::installed(), Instant::now());
    let report = pass(&api, CALM).await;
    assert!(matches!(report.done[..], [Done::Issued(_), Done::Published, Done::Promoted]), "{report:?}");
    assert!(start.elapsed() >= SETTLE, "every API server had its time");
    let world = api.world();
    let create = SECRET.rsplit_once('/').unwrap().0;
    assert_eq!(
        world.writes(),
        [
            format!("POST {create}"),
            format!("PATCH {VALIDATING}"),
            format!("PATCH {MUTATING}"),
            format!("PUT {SECRET}")
        ]
    );
    let state = world.objects.state();
    let end = state.tls.unwrap().check(&state.bundle, &[NAME.to_owned()], world.now()).unwrap();
    assert_eq!(report.until, end - 30 * DAY);
    assert!(world.objects.bundles().iter().all(|bundle| *bundle == state.bundle.to_pem().into_bytes()));
}

#[tokio::test(start_paused = true)]
async fn the_secret_goes_with_its_owner_and_says_who_made_it() {
    let api = Api::installed();
    pass(&api, CALM).await;
    let secret = &api.world().objects.get(SECRET).unwrap()["metadata"].clone();
    assert_eq!(
        secret["ownerReferences"],
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "lagward-certs", "uid": "owner-uid"}])
    );
    assert_eq!(secret["labels"]["app.kubernetes.io/managed-by"], "lagward-certs");
}

#[tokio::test(start_paused = true)]
async fn a_second_pass_writes_nothing() {
    let api = Api::installed();
    pass(&api, CALM).await;
    api.world().log.clear();
    assert_eq!(pass(&api, CALM).await.done, []);
    assert_eq!(api.world().writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn time_is_the_api_servers() {
    // The API server of these tests is years ahead of this machine.
    let api = Api::installed();
    let first = pass(&api, CALM).await;
    tokio::time::advance(59 * DAY).await;
    assert_eq!(pass(&api, CALM).await.done, []);
    tokio::time::advance(2 * DAY).await;
    let second = pass(&api, CALM).await;
    assert!(second.until > first.until && second.trusted == 2, "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn two_asked_rotations_trust_three_cas_until_their_leaves_end() {
    let api = Api::installed();
    let asked = Wish { rotate: true, ..CALM };
    pass(&api, CALM).await;
    pass(&api, asked).await;
    assert_eq!(pass(&api, asked).await.trusted, 3);
    tokio::time::advance(91 * DAY).await;
    assert_eq!(pass(&api, CALM).await.trusted, 1);
}

#[tokio::test(start_paused = true)]
async fn an_edited_bundle_is_healed_without_a_new_certificate() {
    let api = Api::installed();
    pass(&api, CALM).await;
    api.world().objects.edit_bundles(b"edited");
    assert_eq!(pass(&api, CALM).await.done, [Done::Published]);
    let world = api.world();
    let bundle = world.objects.state().bundle;
    assert!(world.objects.bundles().iter().all(|found| Bundle::from_pem(found) == bundle));
}

#[tokio::test(start_paused = true)]
async fn webhooks_of_others_in_the_same_configuration_are_left_alone() {
    let api = Api::installed();
    let foreign = json!({"name": "foreign.example.com", "clientConfig": {"caBundle": "Zm9yZWlnbg=="}});
    let mut object = api.world().objects.get(VALIDATING).unwrap().clone();
    object["webhooks"].as_array_mut().unwrap().push(foreign.clone());
    api.world().objects.store(VALIDATING, object);
    pass(&api, CALM).await;
    assert_eq!(api.world().objects.get(VALIDATING).unwrap()["webhooks"][2], foreign);
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_changes_while_it_settles_has_to_settle_again() {
    let (api, start) = (Api::installed(), Instant::now());
    let cluster = api.cluster();
    let running = tokio::spawn(async move { ensure(&cluster, &plan(), CALM).await });
    tokio::time::sleep(SETTLE / 2).await;
    api.world().objects.edit_bundles(b"edited");
    running.await.unwrap().unwrap();
    assert!(start.elapsed() >= SETTLE * 2, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_apply_that_comes_late_undoes_nothing() {
    let api = Api::installed();
    let asked = Wish { rotate: true, ..CALM };
    pass(&api, CALM).await;
    Witness::watch(&api);
    // As far as the apply of the bundle: four requests to look, one to write, four to look again.
    let gate = Arc::new(Semaphore::new(9));
    let late = api.gated(Arc::clone(&gate));
    let late = tokio::spawn(async move { ensure(&late, &plan(), asked).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let last = api.world().log.last().cloned();
    assert_eq!(last.as_deref(), Some("GET /version"), "it is about to apply");

    pass(&api, CALM).await;
    assert_eq!(pass(&api, asked).await.trusted, 3);
    gate.add_permits(1_000);
    late.await.unwrap().unwrap();
}

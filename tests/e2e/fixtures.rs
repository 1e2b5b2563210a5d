//! The manifests that scenarios begin with, and how they vary them.

/// The ScaledObject of the incident, all on defaults.
pub(crate) const INCIDENT: &str = include_str!("data/incident.yaml");
/// A Deployment whose session timeout is too short for its grace period.
pub(crate) const SHORT_SESSION: &str = include_str!("data/short-session.yaml");
/// The Deployment and the ScaledObject as they should be.
pub(crate) const CORRECTED: &str = include_str!("data/corrected.yaml");

/// `manifest` with one text replaced, which must be there exactly once.
#[track_caller]
pub(crate) fn edited(manifest: &str, from: &str, to: &str) -> String {
    assert_eq!(manifest.matches(from).count(), 1, "`{from}` is not once in\n{manifest}");
    manifest.replacen(from, to, 1)
}

/// The corrected Deployment alone.
pub(crate) fn good_deployment() -> String {
    part(0)
}

/// The corrected ScaledObject alone.
pub(crate) fn good_scaled_object() -> String {
    part(1)
}

fn part(index: usize) -> String {
    CORRECTED.split("---\n").nth(index).expect("the corrected pair are two documents").to_owned()
}

/// The corrected Deployment or ScaledObject with another session timeout.
pub(crate) fn session_of(manifest: &str, millis: &str) -> String {
    edited(manifest, "\"60000\"", &format!("\"{millis}\""))
}

/// The corrected ScaledObject with another threshold.
pub(crate) fn scaled_object_with_threshold(threshold: &str) -> String {
    edited(&good_scaled_object(), "lagThreshold: \"800\"", &format!("lagThreshold: \"{threshold}\""))
}

/// The short session's Deployment with another grace period.
pub(crate) fn short_session_with_grace(seconds: u32) -> String {
    let grace = format!("terminationGracePeriodSeconds: {seconds}");
    edited(SHORT_SESSION, "terminationGracePeriodSeconds: 60", &grace)
}

/// A ScaledObject that leaves to lagward what it may fill in.
pub(crate) fn unset_bounds() -> String {
    let with_maximum = edited(&good_scaled_object(), "  minReplicaCount: 2\n", "");
    edited(&with_maximum, "        lagThreshold: \"800\"\n", "")
}

/// `manifest` of one object under another name.
pub(crate) fn named(manifest: &str, name: &str) -> String {
    edited(manifest, "metadata:\n  name: consumer\n", &format!("metadata:\n  name: {name}\n"))
}

/// `manifest` with an annotation on the object itself.
pub(crate) fn annotated(manifest: &str, annotation: &str) -> String {
    let head = "metadata:\n  name: consumer\n";
    edited(manifest, head, &format!("{head}  annotations:\n    {annotation}\n"))
}

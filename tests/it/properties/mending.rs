//! Satisfiable: every denial can be edited away, and every fix that is offered leads there.

use std::collections::BTreeSet;

use lagward::engine::finding::Finding;
use lagward::engine::fix::{Edit, patch};
use lagward::engine::judge::Verdict;
use lagward::engine::place::Place;
use lagward::engine::policy::Policy;
use lagward::engine::rule::Level;
use lagward::fronts::webhook::record::Route;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::generate::object;
use super::policies::policy;
use super::{config, places, read, standing};
use crate::support::{Review, ask};

/// Applies the fixes together, as `check --fix --unsafe-fixes` would. `None` when they change nothing.
fn mended(object: &Value, verdict: &Verdict) -> Option<Value> {
    let mut changed = object.clone();
    for finding in verdict.open() {
        let Some(fix) = &finding.report.fix else { continue };
        // A fix that does not fit the shape of an odd object is not offered.
        let Some(patch) = patch(&fix.edits, &changed) else { continue };
        json_patch::patch(&mut changed, &patch).expect("a patch that applies");
    }
    (changed != *object).then_some(changed)
}

/// Applies every fix until none changes anything.
fn mended_for_good(object: &Value, policy: &Policy) -> Value {
    let mut current = object.clone();
    let mut rounds = 0;
    while let Some(next) = mended(&current, &standing(&current, policy)) {
        current = next;
        rounds += 1;
        assert!(rounds <= 5, "five rounds of fixes do not settle: {current}");
    }
    current
}

/// The rules that deny. One that only a policy makes deny has no fix to follow the others.
fn codes(verdict: &Verdict) -> BTreeSet<&'static str> {
    let own = verdict.denials().filter(|finding| finding.rule.levels.strict == Level::Deny);
    own.map(|finding| finding.rule.code).collect()
}

/// Whether the fix of a finding would change something.
fn is_fixable(finding: &Finding, object: &Value) -> bool {
    let fix = finding.report.fix.as_ref().and_then(|fix| patch(&fix.edits, object));
    fix.is_some_and(|patch| !patch.is_empty())
}

/// What a person does about a denial that has no fix: takes the value away, writes what the message asks for, or puts
/// the bounds in order.
fn by_hand(finding: &Finding, object: &Value) -> Vec<Edit> {
    let spec = |name| Place::fields(&["spec"]).field(name);
    let remove = |place: Place| Edit::Remove { place };
    let set = |value: Value| Edit::Set { place: finding.report.place.clone(), value };
    match finding.rule.code {
        "LW303" if asked_for(finding).is_some() => {
            asked_for(finding).map(|n| set(n.into())).into_iter().collect()
        }
        "LW202" | "LW203" => {
            ["minReplicaCount", "maxReplicaCount", "idleReplicaCount"].map(|name| remove(spec(name))).into()
        }
        // What has to be there is not.
        "LW306" | "LW311" if is_empty(object.pointer(&finding.report.place.pointer())) => {
            vec![Edit::Set { place: finding.report.place.clone(), value: json!("kafka:9092") }]
        }
        _ if object.pointer(&finding.report.place.pointer()).is_some_and(Value::is_string)
            && finding.report.place.to_string().contains(".args[") =>
        {
            finding.report.place.parent().map(remove).into_iter().collect()
        }
        _ => vec![remove(finding.report.place.clone())],
    }
}

/// The number in "the policy asks for N (...)".
fn asked_for(finding: &Finding) -> Option<&str> {
    finding.report.want.strip_prefix("the policy asks for ")?.split(' ').next()
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value == "")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn applying_every_fix_leaves_no_fixable_denial_and_makes_no_new_one(object in object(), policy in policy()) {
        let policy = read(&policy);
        let before = standing(&object, &policy);
        let settled = mended_for_good(&object, &policy);
        let after = standing(&settled, &policy);
        let left: Vec<_> = after.denials().filter(|finding| is_fixable(finding, &settled)).collect();
        prop_assert!(left.is_empty(), "{:?}", places(left.into_iter()));
        prop_assert!(codes(&after).is_subset(&codes(&before)), "{:?}, then {:?} in {settled}", codes(&before), codes(&after));
    }

    #[test]
    fn every_denial_can_be_edited_away(object in object(), policy in policy()) {
        let policy = read(&policy);
        let mut current = object;
        for _ in 0..8 {
            current = mended_for_good(&current, &policy);
            let verdict = standing(&current, &policy);
            if verdict.denials().next().is_none() {
                return Ok(());
            }
            for finding in verdict.denials() {
                let by_hand = patch(&by_hand(finding, &current), &current);
                json_patch::patch(&mut current, &by_hand.unwrap_or_default()).expect("a patch that applies");
            }
        }
        let left = places(standing(&current, &policy).denials());
        prop_assert!(false, "nothing helps against {left:?} in {current}");
    }

    #[test]
    fn what_the_webhook_patches_is_mended_for_good(object in object(), policy in policy(), is_update in any::<bool>()) {
        let policy = read(&policy);
        let other = json!({"spec": {"template": {}}});
        let review = if is_update { Review::update(&other, &object) } else { Review::of(&object) };
        let reply = ask(Route::Mutate, &review, &policy, None);
        if reply.patch.is_null() {
            return Ok(());
        }
        let patched = reply.patched(&object);
        let again = ask(Route::Mutate, &Review { object: patched.to_string(), ..review }, &policy, None);
        prop_assert!(again.is_silent(), "{:?}", again);
        let (before, after) = (standing(&object, &policy), standing(&patched, &policy));
        let was_there = places(before.open());
        for finding in after.open() {
            let place = (finding.rule.code, finding.report.place.to_string());
            // Only advice may be new: a mended minimum leaves another setting without effect.
            let is_advice = finding.level < Level::Deny && finding.rule.levels.strict < Level::Deny;
            prop_assert!(is_advice || was_there.contains(&place), "{place:?} is new beside {was_there:?}");
        }
        let (before, after) = (was_there, places(after.open()));
        for code in &reply.record.patched {
            let count = |all: &[(&str, String)]| all.iter().filter(|(found, _)| found == code).count();
            prop_assert!(count(&after) < count(&before), "{code}: {before:?}, then {after:?}");
        }
    }

    #[test]
    fn a_fix_is_safe_exactly_when_it_overwrites_nothing(object in object(), policy in policy()) {
        use lagward::engine::fix::Safety;
        for finding in standing(&object, &read(&policy)).findings {
            let Some(fix) = &finding.report.fix else { continue };
            let there = |place: &Place| object.pointer(&place.pointer()).filter(|value| !value.is_null());
            let overwrites = fix.edits.iter().any(|edit| match edit {
                Edit::Set { place, .. } | Edit::Remove { place } => there(place).is_some(),
                // Quotes around what stands there say the same.
                Edit::Quote { .. } => false,
            });
            prop_assert!(fix.safety == Safety::Set || !overwrites, "{fix:?}");
            prop_assert_eq!(fix.at_admission && !finding.rule.fixes.at_admission, false);
            let declared = if fix.safety == Safety::Fill { finding.rule.fixes.fill } else { finding.rule.fixes.set };
            prop_assert!(declared, "{} does not say that it offers {:?}", finding.rule.code, fix.safety);
        }
    }
}

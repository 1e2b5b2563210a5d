//! What holds for every verdict.

use lagward::engine::judge::{Context, Occasion, judge};
use lagward::engine::rule::Level;
use lagward::engine::setting::Basis;
use proptest::prelude::*;
use serde_json::json;

use super::generate::{object, scaler, workload};
use super::policies::policy;
use super::{config, judged, places, read, standing};
use crate::support::{Known, subject, today};

const OCCASIONS: [Occasion; 3] =
    [Occasion::Existing, Occasion::Admission { dry_run: false }, Occasion::Admission { dry_run: true }];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_verdict_is_the_same_twice_and_no_rule_panics(
        workload in workload(true), scaler in scaler(), policy in policy(),
    ) {
        let (policy, world) = (read(&policy), Known(vec![subject(&workload), subject(&scaler)]));
        for occasion in OCCASIONS {
            for object in [&workload, &scaler] {
                let verdict = judged(object, &policy, &world, occasion);
                prop_assert_eq!(&verdict.panicked, &[] as &[&str]);
                let again = judged(object, &policy, &world, occasion);
                prop_assert_eq!(format!("{verdict:?}"), format!("{again:?}"));
            }
        }
    }

    #[test]
    fn an_object_that_does_not_change_is_never_denied(
        workload in workload(true), scaler in scaler(), policy in policy(),
    ) {
        let (policy, world) = (read(&policy), Known(vec![subject(&workload), subject(&scaler)]));
        for occasion in OCCASIONS {
            for object in [&workload, &scaler] {
                let old = || Some(subject(object));
                let verdict = judge(&subject(object), old, &Context { world: &world, policy: &policy, occasion, today: today() });
                prop_assert_eq!(places(verdict.denials()), []);
                // It hides nothing: what was said before is said again, as a warning at least.
                let before = judged(object, &policy, &world, occasion);
                prop_assert_eq!(places(verdict.open()), places(before.open()));
            }
        }
    }

    #[test]
    fn what_is_assumed_never_denies(workload in workload(true), policy in policy()) {
        let verdict = standing(&workload, &read(&policy));
        let assumed = verdict.findings.iter().filter(|finding| finding.report.basis == Basis::Assumed);
        prop_assert!(assumed.clone().all(|finding| finding.level < Level::Deny), "{verdict:?}");
    }

    #[test]
    fn who_sets_no_time_is_denied_none_but_the_grace_period(workload in workload(false), policy in policy()) {
        let codes = places(standing(&workload, &read(&policy)).denials());
        // A value without quotes (LW310) is denied for its type, whatever it says.
        prop_assert!(codes.iter().all(|(code, _)| ["LW108", "LW310"].contains(code)), "{codes:?}");
    }

    #[test]
    fn on_a_request_no_more_is_denied_than_in_a_file(scaler in scaler(), workload in workload(true), policy in policy()) {
        let (policy, world) = (read(&policy), Known(vec![subject(&workload)]));
        let denials = OCCASIONS.map(|occasion| places(judged(&scaler, &policy, &world, occasion).denials()));
        let [mut standing, request, dry_run] = denials;
        // A target that is not there yet may be applied next, and unquoted values reach no webhook.
        standing.retain(|(code, _)| !matches!(*code, "LW208" | "LW310"));
        prop_assert_eq!(&request, &standing);
        prop_assert!(dry_run.iter().all(|denial| standing.contains(denial)));
    }

    #[test]
    fn a_pair_is_never_denied_on_the_workload(workload in workload(true), scaler in scaler(), policy in policy()) {
        let (policy, world) = (read(&policy), Known(vec![subject(&scaler)]));
        let verdict = judged(&workload, &policy, &world, OCCASIONS[1]);
        prop_assert!(verdict.denials().all(|finding| !finding.needs_pair), "{:?}", places(verdict.denials()));
    }

    #[test]
    fn warn_and_audit_deny_no_request_and_lose_no_finding(object in object(), policy in policy()) {
        let with = |mode: &str| {
            let mut policy = policy.clone();
            policy["mode"] = json!(mode);
            judged(&object, &read(&policy), &lagward::engine::world::Nothing, OCCASIONS[1])
        };
        let enforced = with("enforce");
        for verdict in [with("warn"), with("audit")] {
            prop_assert_eq!(places(verdict.denials()), []);
            prop_assert_eq!(places(verdict.open()), places(enforced.open()));
        }
    }

    #[test]
    fn denials_come_first_and_rules_in_their_order(object in object(), policy in policy()) {
        let verdict = standing(&object, &read(&policy));
        let order: Vec<_> = verdict.findings.iter().map(|f| (std::cmp::Reverse(f.level), f.rule.code)).collect();
        prop_assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn every_message_is_one_line_a_part_and_speaks_of_its_place(object in object(), policy in policy()) {
        for finding in standing(&object, &read(&policy)).findings {
            let (headline, cost) = (finding.headline(), &finding.report.cost);
            let head = format!("{} {}: ", finding.rule.code, finding.rule.name);
            prop_assert!(headline.starts_with(&head));
            prop_assert!(headline.contains(&finding.report.place.to_string()));
            for part in [&headline, cost] {
                prop_assert!(!part.is_empty() && !part.contains('\n'), "{}", part);
                prop_assert!(!part.ends_with(' ') && !part.contains(" ;") && !part.contains(": ;"), "{}", part);
            }
        }
    }
}

//! Decides what to do next from what is there, and from nothing else: so that any run resumes anywhere.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::bundle::Bundle;
use crate::issue::Order;
use crate::leaf::Fault;
use crate::state::State;

/// What is to be true for ever.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What each certificate is to be.
    pub order: Order,
    /// How long before its end a certificate is replaced. Less than the order's lifetime.
    pub renew_before: Duration,
}

/// What a run has read.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The Secret's content; the default where there is no Secret.
    pub state: State,
    /// What each webhook's configuration has.
    pub published: Vec<Published>,
    /// The API server's time.
    pub now: SystemTime,
}

/// The `caBundle` of one webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// As it is stored.
    pub ca_bundle: Vec<u8>,
    /// Whether the last who set it was lagward-certs.
    pub is_ours: bool,
}

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// (a) Make a CA and a leaf, and write them beside what `bundle` has.
    Issue {
        /// What has to stay trusted.
        bundle: Bundle,
        /// What is wrong with the certificate at hand.
        why: Why,
    },
    /// Write this to the Secret: the bundle lost what has ended (d), or regained what it should not have lost.
    Tidy(State),
    /// (b) Apply the Secret's bundle to every webhook.
    Publish,
    /// (b) Give every API server time to see the bundle.
    Settle,
    /// (c) Write this to the Secret: the next leaf is served.
    Promote(State),
    /// Nothing, before this moment.
    Rest(SystemTime),
}

/// Why a certificate is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is none.
    Missing,
    /// It ends soon.
    Due,
    /// Somebody asked for it.
    Asked,
    /// The one at hand cannot be served.
    Faulty(Fault),
}

/// Decides. `settled` says that this process has seen every webhook hold this very bundle for the time that API
/// servers need to notice; `asked` that a rotation is wanted now.
///
/// Two things hold of every step, whoever else runs at the same time and wherever a run was cut off:
/// what is in `tls.*` is covered by a bundle that was published before, and a bundle never loses a CA that this
/// program published and that has not ended, whatever happened to the Secret in between.
pub fn decide(seen: &Seen, settled: bool, asked: bool, plan: &Plan) -> Step {
    let Seen { state, published, now } = seen;
    let bundle = published
        .iter()
        .filter(|published| published.is_ours)
        .fold(state.bundle.clone(), |all, ours| all.union(&Bundle::from_pem(&ours.ca_bundle)))
        .without_expired(*now);

    let names = &plan.order.names;
    let next = state.next.as_ref().and_then(|next| next.check(&bundle, names, *now).ok());
    let next = next.filter(|end| end.checked_sub(plan.renew_before).is_some_and(|due| due > *now));
    if next.is_none()
        && let Err(why) = fit(seen, &bundle, asked, plan)
    {
        return Step::Issue { bundle, why };
    }
    let tidy = State { bundle, next: state.next.clone().filter(|_| next.is_some()), tls: state.tls.clone() };
    if tidy != *state {
        return Step::Tidy(tidy);
    }
    let wanted = state.bundle.to_pem().into_bytes();
    if published.iter().any(|published| published.ca_bundle != wanted) {
        return Step::Publish;
    }
    match next {
        Some(_) if settled => Step::Promote(state.clone().promoted()),
        Some(_) => Step::Settle,
        None => Step::Rest(rest(seen, plan)),
    }
}

/// Whether the served leaf needs no successor yet.
fn fit(seen: &Seen, bundle: &Bundle, asked: bool, plan: &Plan) -> Result<(), Why> {
    let tls = seen.state.tls.as_ref().ok_or(Why::Missing)?;
    let end = tls.check(bundle, &plan.order.names, seen.now).map_err(Why::Faulty)?;
    if end.checked_sub(plan.renew_before).is_none_or(|due| due <= seen.now) {
        return Err(Why::Due);
    }
    if asked { Err(Why::Asked) } else { Ok(()) }
}

/// When there is something to do again: the leaf is due, or a CA ends.
fn rest(seen: &Seen, plan: &Plan) -> SystemTime {
    let tls = seen.state.tls.as_ref();
    let end = tls.and_then(|tls| tls.check(&seen.state.bundle, &plan.order.names, seen.now).ok());
    let due = end.and_then(|end| end.checked_sub(plan.renew_before));
    due.into_iter().chain(seen.state.bundle.first_end()).min().unwrap_or(seen.now)
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no certificate"),
            Self::Due => f.write_str("the certificate ends soon"),
            Self::Asked => f.write_str("a rotation was asked for"),
            Self::Faulty(fault) => fault.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{KeyType, issue};
    use crate::leaf::Leaf;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn plan() -> Plan {
        let names = vec!["lagward.lagward.svc".to_owned()];
        let order = Order { names, lifetime: 90 * DAY, key_type: KeyType::P256 };
        Plan { order, renew_before: 30 * DAY }
    }

    /// A cluster of one webhook in which nothing happened yet.
    fn empty() -> Seen {
        let published = vec![Published::default()];
        // Certificates know whole seconds.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Seen { state: State::default(), published, now }
    }

    /// Does what the step says, as the cluster would show it afterwards.
    fn act(seen: &mut Seen, step: Step) {
        match step {
            Step::Issue { bundle, .. } => {
                let issued = issue(&plan().order, seen.now).unwrap();
                seen.state = seen.state.clone().with_next(bundle, issued);
            }
            Step::Tidy(state) | Step::Promote(state) => seen.state = state,
            Step::Publish => publish(seen),
            Step::Settle | Step::Rest(_) => {}
        }
    }

    fn publish(seen: &mut Seen) {
        let ca_bundle = seen.state.bundle.to_pem().into_bytes();
        seen.published = vec![Published { ca_bundle, is_ours: true }];
    }

    /// The names of the steps of one pass.
    fn pass(seen: &mut Seen, mut asked: bool) -> Vec<&'static str> {
        let (mut names, mut settled) = (Vec::new(), false);
        loop {
            let step = decide(seen, settled, asked, &plan());
            settled = step == Step::Settle;
            asked &= !matches!(step, Step::Issue { .. });
            names.push(match &step {
                Step::Issue { .. } => "issue",
                Step::Tidy(_) => "tidy",
                Step::Publish => "publish",
                Step::Settle => "settle",
                Step::Promote(_) => "promote",
                Step::Rest(_) => return names,
            });
            assert!(names.len() < 20, "{names:?}");
            act(seen, step);
        }
    }

    const ROTATION: [&str; 4] = ["issue", "publish", "settle", "promote"];

    fn running() -> Seen {
        let mut seen = empty();
        assert_eq!(pass(&mut seen, false), ROTATION);
        seen
    }

    #[test]
    fn the_first_certificate_is_trusted_before_it_is_there_to_be_served() {
        let mut seen = running();
        assert!(seen.state.next.is_none() && seen.state.tls.is_some());
        assert_eq!(pass(&mut seen, false), [""; 0], "a second pass has nothing to do");
    }

    #[test]
    fn it_rests_until_the_leaf_is_due_and_then_rotates() {
        let mut seen = running();
        let Step::Rest(until) = decide(&seen, false, false, &plan()) else { panic!("it should rest") };
        assert_eq!(until, seen.now + 60 * DAY);
        seen.now = until - Duration::from_secs(1);
        assert_eq!(pass(&mut seen, false), [""; 0]);
        seen.now = until;
        assert_eq!(pass(&mut seen, false), ROTATION);
        assert_eq!(seen.state.bundle.len(), 2, "the old leaf is still about");
        seen.now += 30 * DAY;
        assert_eq!(pass(&mut seen, false), ["tidy", "publish"], "(d): the old leaf has ended");
        assert_eq!(seen.state.bundle.len(), 1);
    }

    #[test]
    fn an_asked_rotation_happens_once() {
        let mut seen = running();
        assert_eq!(pass(&mut seen, true), ROTATION);
        assert_eq!(pass(&mut seen, false), [""; 0]);
    }

    #[test]
    fn an_edited_bundle_is_healed_and_what_the_editor_trusted_is_not_kept() {
        let mut seen = running();
        let foreign = issue(&plan().order, seen.now).unwrap();
        let edited = Bundle::default().with(&foreign.ca).to_pem().into_bytes();
        seen.published = vec![Published { ca_bundle: edited, is_ours: false }];
        assert_eq!(pass(&mut seen, false), ["publish"]);
        assert_eq!(seen.state.bundle.len(), 1);
    }

    #[test]
    fn a_bundle_edited_while_it_settled_is_not_promoted_on() {
        let mut seen = running();
        let step = decide(&seen, false, true, &plan());
        act(&mut seen, step);
        publish(&mut seen);
        assert_eq!(decide(&seen, false, false, &plan()), Step::Settle);
        seen.published[0].ca_bundle = Vec::new();
        assert_eq!(decide(&seen, true, false, &plan()), Step::Publish);
    }

    #[test]
    fn a_lost_secret_does_not_cost_the_trust_in_what_is_still_mounted() {
        let mut seen = running();
        let mounted = seen.state.tls.clone().unwrap();
        seen.state = State::default();
        assert_eq!(pass(&mut seen, false), ROTATION);
        mounted.check(&seen.state.bundle, &plan().order.names, seen.now).unwrap();
    }

    #[test]
    fn a_secret_from_a_backup_regains_what_was_published_since() {
        let mut seen = running();
        let backup = seen.state.clone();
        pass(&mut seen, true);
        let mounted = seen.state.tls.clone().unwrap();
        seen.state = backup;
        assert_eq!(pass(&mut seen, false), ["tidy"]);
        mounted.check(&seen.state.bundle, &plan().order.names, seen.now).unwrap();
    }

    #[test]
    fn whatever_is_wrong_with_the_certificate_is_replaced() {
        let corrupt = |change: fn(&mut Seen)| {
            let mut seen = running();
            change(&mut seen);
            assert_eq!(pass(&mut seen, false), ROTATION);
        };
        corrupt(|seen| seen.state.tls = Some(Leaf { cert: "?".to_owned(), key: "?".to_owned() }));
        corrupt(|seen| seen.state.tls.as_mut().unwrap().key.clear());
        corrupt(|seen| seen.now += 91 * DAY);
        corrupt(|seen| {
            let order = Order { names: vec!["other.svc".to_owned()], ..plan().order };
            let issued = issue(&order, seen.now).unwrap();
            seen.state.bundle = seen.state.bundle.clone().with(&issued.ca);
            seen.state.tls = Some(issued.leaf);
            publish(seen);
        });
    }

    #[test]
    fn a_lost_bundle_is_taken_back_from_where_it_was_published() {
        let mut seen = running();
        seen.state.bundle = Bundle::default();
        assert_eq!(pass(&mut seen, false), ["tidy"]);
    }

    #[test]
    fn a_next_leaf_that_cannot_be_served_is_thrown_away() {
        let mut seen = running();
        seen.state.next = Some(Leaf { cert: "?".to_owned(), key: "?".to_owned() });
        assert_eq!(pass(&mut seen, false), ["tidy"]);
        seen.state.next = seen.state.tls.clone();
        seen.now += 61 * DAY;
        assert_eq!(
            pass(&mut seen, false),
            ROTATION,
            "a rotation that was left behind for months begins anew"
        );
    }
}

//! The ratchet: an update is denied only for what it makes worse.

use std::collections::HashMap;

use super::finding::{Finding, Severity};
use super::rule::Level;

/// A finding denies only if the object was better before: an equal or worse one at the same keyed place lets it
/// pass with a warning. What an exemption covered before counts as right, so that removing it is refused, and so
/// does mere advice: its distance is measured from another bound.
pub(super) fn ratchet(new: &mut [Finding], old: &[Finding]) {
    let key = |finding: &Finding| (finding.rule.code, finding.report.place.keyed());
    // Advice never denied. What was paused or owned did not either, but its values were what they are: whoever
    // pauses a running consumer must be able to let it run again.
    let excuses = |before: &&Finding| before.exempted.is_none() && before.report.severity != Severity::Advice;
    let mut before: HashMap<_, Vec<&Finding>> = HashMap::new();
    for finding in old.iter().filter(excuses) {
        before.entry(key(finding)).or_default().push(finding);
    }
    for finding in new.iter_mut().filter(|finding| finding.denies()) {
        let at_the_place = before.get(&key(finding)).map_or(&[][..], Vec::as_slice);
        finding.is_ratcheted = at_the_place.iter().any(|before| {
            before.object == finding.object && finding.report.gap.is_no_worse_than(&before.report.gap)
        });
        if finding.is_ratcheted {
            finding.level = Level::Warn;
        }
    }
}

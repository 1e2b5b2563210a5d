//! Makes fixes in one text.

use super::check::Located;
use super::read::Source;
use super::rendering::{Rendered, rendered};
use super::splice::{Change, Plan, Refused, Splicer, Taken};
use crate::engine::fix::Fix;

/// Bytes that may be read again to find out which of many edits does not fit: some seconds' worth.
const PATIENCE: usize = 256 << 20;

/// One text after one round.
#[derive(Default)]
pub(super) struct Mended<'a> {
    pub(super) text: Option<String>,
    pub(super) fixed: Vec<&'a Located>,
    pub(super) refused: Vec<(&'a Located, Refused)>,
}

/// Makes as many of these fixes as fit together. What touches what another one touches waits for the next round,
/// when both are judged again.
pub(super) fn mend<'a>(source: &Source, wanted: &[(&'a Located, &'a Fix)]) -> Mended<'a> {
    let refuse_all = |why: Refused| Mended {
        refused: wanted.iter().map(|(located, _)| (*located, why.clone())).collect(),
        ..Mended::default()
    };
    if let Some(Rendered { template }) = rendered(source) {
        return refuse_all(Refused::Helm { template: template.map(Into::into) });
    }
    let splicer = match Splicer::new(&source.text) {
        Ok(splicer) => splicer,
        Err(why) => return refuse_all(why),
    };
    let mut mended = Mended::default();
    let mut taken = Taken::default();
    let mut plans = Vec::new();
    for (located, fix) in wanted {
        let change =
            Change { document: located.object.document, root: &located.object.root, edits: &fix.edits };
        match splicer.plan(change) {
            Err(why) => mended.refused.push((located, why)),
            // The finding stands though everything that would mend it is there.
            Ok(plan) if plan.is_empty() => mended.refused.push((located, Refused::Endless)),
            Ok(plan) if taken.take(&plan) => plans.push((*located, plan)),
            Ok(_) => {}
        }
    }
    let tries = (PATIENCE / source.text.len().max(1)).max(64);
    let mut batch = Batch { splicer: &splicer, made: Vec::new(), mended, tries };
    batch.settle(&plans);
    batch.mended
}

/// The plans of one text that are known to fit.
struct Batch<'s, 'p, 'a> {
    splicer: &'s Splicer<'s>,
    made: Vec<&'p Plan<'a>>,
    mended: Mended<'a>,
    tries: usize,
}

impl<'p, 'a> Batch<'_, 'p, 'a> {
    /// Makes all of these, else halves them until the one is found that does not fit.
    fn settle(&mut self, plans: &'p [(&'a Located, Plan<'a>)]) {
        if plans.is_empty() || self.tries == 0 {
            self.mended.refused.extend(plans.iter().map(|(located, _)| (*located, Refused::Mismatch)));
            return;
        }
        self.tries -= 1;
        let mut all = self.made.clone();
        all.extend(plans.iter().map(|(_, plan)| plan));
        match (self.splicer.apply(&all), plans) {
            (Ok(text), _) => {
                self.made = all;
                self.mended.text = Some(text);
                self.mended.fixed.extend(plans.iter().map(|(located, _)| *located));
            }
            // It may only clash with the others: alone in the next round it is refused for good.
            (Err(_), [_]) if !self.made.is_empty() => {}
            (Err(why), [(located, _)]) => self.mended.refused.push((located, why)),
            (Err(_), _) => {
                let (first, second) = plans.split_at(plans.len() / 2);
                self.settle(first);
                self.settle(second);
            }
        }
    }
}

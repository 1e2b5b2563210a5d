//! Copies of anchored values, within a budget: a few lines of aliases can name more values than memory holds.

use std::collections::HashMap;

use serde_json::Value;

use super::refusal::Refusal;

/// About the bytes of memory that the anchors and aliases of one document may add.
const BUDGET: usize = 32 << 20;

/// The anchored values of one document, by the parser's number.
#[derive(Debug, Default)]
pub(super) struct Copies {
    anchors: HashMap<usize, Kept>,
    /// The anchors that an alias names, in the order of the aliases.
    used: Vec<usize>,
    spent: usize,
}

/// One anchored value.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) value: Value,
    /// The levels of maps and lists in it.
    pub(super) height: usize,
    /// About its bytes of memory.
    pub(super) weight: usize,
}

impl Copies {
    /// Keeps an anchored value for its aliases.
    pub(super) fn remember(&mut self, anchor: usize, copy: Kept, offset: usize) -> Result<(), Refusal> {
        self.charge(copy.weight, offset)?;
        self.anchors.insert(anchor, copy);
        Ok(())
    }

    /// What the alias at `offset` stands for. The anchor of a value that is still open is not known yet.
    pub(super) fn recall(&mut self, anchor: usize, offset: usize) -> Result<Kept, Refusal> {
        let Some(copy) = self.anchors.get(&anchor).cloned() else {
            return Err(Refusal::at(offset, "an alias stands inside the value that it names"));
        };
        self.charge(copy.weight, offset)?;
        self.used.push(anchor);
        Ok(copy)
    }

    /// The anchors that an alias names, each once and in order.
    pub(super) fn into_used(mut self) -> Vec<usize> {
        self.used.sort_unstable();
        self.used.dedup();
        self.used
    }

    fn charge(&mut self, weight: usize, offset: usize) -> Result<(), Refusal> {
        self.spent = self.spent.saturating_add(weight);
        if self.spent > BUDGET {
            return Err(Refusal::at(offset, "aliases expand to too many values"));
        }
        Ok(())
    }
}

//! What can be said of edits before they are made.

use std::cell::OnceCell;

use super::{Change, Habits, Refused, Sheet, plan};
use crate::fronts::files::tree::Document;

/// Tells of edits in one document whether they would be refused, without writing and reading anything: those that
/// only the written text shows to be wrong are not known yet.
pub(in crate::fronts::files) struct Foresight<'t> {
    text: &'t str,
    document: &'t Document,
    habits: OnceCell<Habits>,
}

impl<'t> Foresight<'t> {
    pub(in crate::fronts::files) fn new(text: &'t str, document: &'t Document) -> Self {
        Self { text, document, habits: OnceCell::new() }
    }

    /// Why this change would not be made.
    pub(in crate::fronts::files) fn refuses(&self, change: Change<'_>) -> Option<Refused> {
        let habits = self.habits.get_or_init(|| Habits::of(self.text, self.document));
        let sheet = Sheet { text: self.text, root: &self.document.root, habits };
        plan(sheet, self.document, change).err()
    }
}

//! The objects that were unpacked last.
//!
//! What is applied is reviewed several times within seconds: for a diff, a dry run, by both webhooks, and again for each
//! object that belongs to it. Unpacking its counterpart is more than half of such a review.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::packed::Packed;
use super::snapshot::Id;
use crate::engine::object::Kind;
use crate::engine::subject::Subject;

/// How many are kept: what a GitOps controller applies at once. One takes some 10 KB.
const MOST: NonZeroUsize = match NonZeroUsize::new(128) {
    Some(most) => most,
    None => NonZeroUsize::MIN,
};

type Known = LruCache<(Kind, Id), (Packed, Arc<Subject>)>;

/// Objects as they were unpacked, each with what it was unpacked from.
pub(super) struct Recent(Mutex<Known>);

impl Recent {
    /// The object of this kind and name that is packed there. Nothing has to be forgotten when an object changes: what
    /// was unpacked of other bytes does not count.
    pub(super) fn unpack(&self, kind: Kind, id: &Id, packed: &Packed) -> Option<Arc<Subject>> {
        let name = (kind, id.clone());
        let of_these_bytes = |(of, subject): &(Packed, _)| (of == packed).then(|| Arc::clone(subject));
        if let Some(subject) = self.locked(|known| known.get(&name).and_then(of_these_bytes)) {
            return Some(subject);
        }
        let subject = Arc::new(packed.unpack(kind, id)?);
        self.locked(|known| known.put(name, (packed.clone(), Arc::clone(&subject))));
        Some(subject)
    }

    /// Whatever panicked with the lock held left whole entries.
    fn locked<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

/// Without what the objects contain.
impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recent({})", self.locked(|known| known.len()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn packed(grace_period: i64) -> Packed {
        let spec = json!({"template": {"spec": {"terminationGracePeriodSeconds": grace_period}}});
        let text = json!({"metadata": {"name": "worker"}, "spec": spec}).to_string();
        Packed::of(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn an_object_is_unpacked_once() {
        let (recent, id) = (Recent::default(), Id::new("payments", "worker"));
        let first = recent.unpack(Kind::Deployment, &id, &packed(30)).unwrap();
        let again = recent.unpack(Kind::Deployment, &id, &packed(30)).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn a_changed_object_is_unpacked_anew() {
        let (recent, id) = (Recent::default(), Id::new("payments", "worker"));
        let grace_period = |packed: Packed| {
            let subject = recent.unpack(Kind::Deployment, &id, &packed).unwrap();
            subject.workload().unwrap().grace_period.value().copied()
        };
        assert_eq!(grace_period(packed(30)), grace_period(packed(30)));
        assert_ne!(grace_period(packed(30)), grace_period(packed(60)));
    }

    #[test]
    fn objects_of_equal_content_keep_their_names() {
        let recent = Recent::default();
        let name = |kind, name| {
            let subject = recent.unpack(kind, &Id::new("payments", name), &packed(30)).unwrap();
            subject.meta().object.to_string()
        };
        assert_eq!(name(Kind::Deployment, "a"), "Deployment payments/a");
        assert_eq!(name(Kind::Deployment, "b"), "Deployment payments/b");
        assert_eq!(name(Kind::StatefulSet, "b"), "StatefulSet payments/b");
    }
}

//! What stands nearest in the input: in the same file, else in the same folder, else anywhere.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;

/// Values by key, each with the place that it comes from.
#[derive(Debug)]
pub(super) struct Nearest<'a, K, V>(HashMap<K, Vec<Placed<'a, V>>>);

/// A value and where it comes from.
#[derive(Debug)]
struct Placed<'a, V> {
    value: V,
    source: usize,
    folder: &'a Path,
}

impl<K, V> Default for Nearest<'_, K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<'a, K: Eq + Hash, V: PartialEq> Nearest<'a, K, V> {
    pub(super) fn insert(&mut self, key: K, value: V, source: usize, folder: &'a Path) {
        self.0.entry(key).or_default().push(Placed { value, source, folder });
    }

    /// The nearest value. Where several are as near and differ, nobody knows which applies.
    pub(super) fn get<Q>(&self, key: &Q, source: usize, folder: &Path) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let all = self.0.get(key)?;
        let only = |is_near: &dyn Fn(&Placed<'_, V>) -> bool| {
            let mut near = all.iter().filter(|placed| is_near(placed)).map(|placed| &placed.value);
            let first = near.next()?;
            Some(near.all(|value| value == first).then_some(first))
        };
        only(&|placed| placed.source == source)
            .or_else(|| only(&|placed| placed.folder == folder))
            .or_else(|| only(&|_| true))?
    }

    /// The values of a folder: what stands in another one may be another environment's.
    pub(super) fn in_folder(&self, key: &K, folder: &Path) -> impl Iterator<Item = &V> {
        let all = self.0.get(key).into_iter().flatten();
        all.filter(move |placed| placed.folder == folder).map(|placed| &placed.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts_and_a_contradiction_does_not() {
        let mut values = Nearest::default();
        for (partitions, source, folder) in [(3, 0, "envs/dev"), (48, 1, "envs/prod"), (6, 2, "envs/prod")] {
            values.insert("orders", partitions, source, Path::new(folder));
        }
        let get = |source, folder| values.get("orders", source, Path::new(folder)).copied();
        assert_eq!(get(9, "envs/dev"), Some(3));
        assert_eq!(get(1, "envs/prod"), Some(48), "its own file");
        assert_eq!(get(9, "envs/prod"), None, "48 or 6");
        assert_eq!(get(9, "apps"), None, "3, 48 or 6");
        assert_eq!(values.get("returns", 0, Path::new("envs/dev")), None);
        assert_eq!(values.in_folder(&"orders", Path::new("envs/prod")).collect::<Vec<_>>(), [&48, &6]);
    }
}

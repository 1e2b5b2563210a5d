//! What is read from files again and again while the webhook runs: certificate, client CA, policy.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::metrics::{File, Metrics};

/// Something that is read from files and may be replaced while the webhook runs.
pub(super) trait ReloadedFile: Send + Sync + 'static {
    /// How logs, metrics and probes name it.
    const FILE: File;
    /// What is read.
    type Value: Send + 'static;
    /// Why it cannot be used.
    type Error: Display;

    /// Reads it, and names the version that was read.
    ///
    /// # Errors
    /// When it cannot be used; the text of the error is then the name of that version.
    fn load(&self) -> Result<(String, Self::Value), Self::Error>;

    /// Takes a new version into use.
    fn accept(&self, value: Self::Value, metrics: &Metrics);
}

/// Looks every so often and takes each new version into use; while one cannot be used, the last good one stays.
/// `current` is the version in use. Files are compared by content and not by time: the kubelet swaps a symlink
/// (`..data`), and a copy may keep its time.
pub(super) async fn poll_for_changes<F: ReloadedFile>(
    file: F,
    mut current: String,
    every: Duration,
    metrics: Arc<Metrics>,
) {
    let file = Arc::new(file);
    loop {
        tokio::time::sleep(every).await;
        let Some(mut loaded) = load(&file).await else { continue };
        if version(&loaded) == current {
            continue;
        }
        // Of several files the first may have been read before a swap and the second after it.
        if loaded.is_err() {
            let Some(again) = load(&file).await else { continue };
            loaded = again;
        }
        if version(&loaded) == current {
            continue;
        }
        version(&loaded).clone_into(&mut current);
        // Counted last: whoever reads the metric may rely on the new version.
        match loaded {
            Ok((_, value)) => {
                file.accept(value, &metrics);
                metrics.files.reloaded(F::FILE, true);
            }
            Err(why) => {
                metrics.files.reloaded(F::FILE, false);
                let name = F::FILE.name();
                tracing::error!("the new {name} cannot be used, the last good one stays: {why}");
            }
        }
    }
}

/// A version and what it holds, or why it cannot be used.
type Loaded<T> = Result<(String, T), String>;

fn version<T>(loaded: &Loaded<T>) -> &str {
    match loaded {
        Ok((version, _)) => version,
        Err(why) => why,
    }
}

/// `None` if reading panicked, which changes nothing. A file system may hang, which must not hold up reviews.
async fn load<F: ReloadedFile>(file: &Arc<F>) -> Option<Loaded<F::Value>> {
    let file = Arc::clone(file);
    tokio::task::spawn_blocking(move || file.load().map_err(|error| error.to_string())).await.ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A file with a number in it.
    struct Number {
        texts: Mutex<Vec<&'static str>>,
        accepted: Arc<Mutex<Vec<u32>>>,
    }

    impl ReloadedFile for Number {
        const FILE: File = File::Policy;
        type Value = u32;
        type Error = String;

        fn load(&self) -> Result<(String, u32), String> {
            let mut texts = self.texts.lock().expect("a lock");
            let text = if texts.len() > 1 { texts.remove(0) } else { texts[0] };
            let number = text.parse().map_err(|_| format!("{text} is no number"))?;
            Ok((text.to_owned(), number))
        }

        fn accept(&self, value: u32, _: &Metrics) {
            self.accepted.lock().expect("a lock").push(value);
        }
    }

    /// What was taken into use of these contents, and how often one could not be.
    async fn taken(texts: &[&'static str]) -> (Vec<u32>, usize) {
        let (accepted, metrics) = (Arc::default(), Arc::new(Metrics::new(None, None)));
        let file = Number { texts: Mutex::new(texts.to_vec()), accepted: Arc::clone(&accepted) };
        let polling = poll_for_changes(file, "1".to_owned(), Duration::from_millis(1), Arc::clone(&metrics));
        let _ = tokio::time::timeout(Duration::from_millis(500), polling).await;
        let accepted = accepted.lock().expect("a lock").clone();
        let text = metrics.encode();
        let count = |result: &str| {
            let start = format!("lagward_reloads_total{{file=\"policy\",result=\"{result}\"}} ");
            let found = text.lines().find_map(|line| line.strip_prefix(&start));
            found.map_or(0, |count| count.parse().expect("a count"))
        };
        assert_eq!(count("ok"), accepted.len(), "{text}");
        (accepted, count("error"))
    }

    #[tokio::test]
    async fn each_new_version_is_taken_once() {
        assert_eq!(taken(&["1", "1", "2", "2", "3"]).await, (vec![2, 3], 0));
    }

    #[tokio::test]
    async fn a_bad_version_is_counted_once_and_changes_nothing() {
        assert_eq!(taken(&["1", "x", "x", "x", "4"]).await, (vec![4], 1));
    }

    #[tokio::test]
    async fn what_is_read_in_the_middle_of_a_swap_is_read_again() {
        assert_eq!(taken(&["1", "half", "2"]).await, (vec![2], 0));
    }
}

//! What is read from files again and again while the webhook runs: certificate, client CA, policy.

use std::sync::Arc;
use std::time::Duration;

/// Reads something from files. What it returns next to it says which version it is.
pub(super) trait Load: Send + Sync + 'static {
    /// What is read.
    type Value: Send + 'static;

    /// Reads it, and names the version that was read: for what cannot be read, what is wrong with it.
    fn load(&self) -> (String, Result<Self::Value, String>);

    /// Takes a new version into use.
    fn accept(&self, value: Self::Value);

    /// Hears that the new version cannot be used, so that the last good one stays.
    fn reject(&self, why: &str);
}

/// Looks every so often and takes each new version into use. `current` is the version in use. Files are compared by
/// content and not by time: the kubelet swaps a symlink (`..data`), and a copy may keep its time.
pub(super) async fn keep<L: Load>(what: Arc<L>, mut current: String, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some((mut version, mut value)) = read(&what).await else { continue };
        if version == current {
            continue;
        }
        // Of several files the first may have been read before a swap and the second after it.
        if value.is_err() {
            let Some(again) = read(&what).await else { continue };
            (version, value) = again;
        }
        if version == current {
            continue;
        }
        current = version;
        match value {
            Ok(value) => what.accept(value),
            Err(why) => what.reject(&why),
        }
    }
}

/// `None` if reading panicked, which changes nothing. A file system may hang, which must not hold up reviews.
async fn read<L: Load>(what: &Arc<L>) -> Option<(String, Result<L::Value, String>)> {
    let what = Arc::clone(what);
    tokio::task::spawn_blocking(move || what.load()).await.ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A file with a number in it.
    struct File {
        texts: Mutex<Vec<&'static str>>,
        events: Mutex<Vec<String>>,
    }

    impl Load for File {
        type Value = u32;

        fn load(&self) -> (String, Result<u32, String>) {
            let mut texts = self.texts.lock().expect("a lock");
            let text = if texts.len() > 1 { texts.remove(0) } else { texts[0] };
            (text.to_owned(), text.parse().map_err(|_| format!("{text} is no number")))
        }

        fn accept(&self, value: u32) {
            self.events.lock().expect("a lock").push(format!("now {value}"));
        }

        fn reject(&self, why: &str) {
            self.events.lock().expect("a lock").push(why.to_owned());
        }
    }

    async fn events(texts: &[&'static str]) -> Vec<String> {
        let file = Arc::new(File { texts: Mutex::new(texts.to_vec()), events: Mutex::default() });
        let kept = keep(Arc::clone(&file), "1".to_owned(), Duration::from_millis(1));
        let _ = tokio::time::timeout(Duration::from_millis(500), kept).await;
        file.events.lock().expect("a lock").clone()
    }

    #[tokio::test]
    async fn each_new_version_is_taken_once() {
        assert_eq!(events(&["1", "1", "2", "2", "3"]).await, ["now 2", "now 3"]);
    }

    #[tokio::test]
    async fn a_bad_version_is_said_once_and_changes_nothing() {
        assert_eq!(events(&["1", "x", "x", "x", "4"]).await, ["x is no number", "now 4"]);
    }

    #[tokio::test]
    async fn what_is_read_in_the_middle_of_a_swap_is_read_again() {
        assert_eq!(events(&["1", "half", "2"]).await, ["now 2"]);
    }
}

//! How far a long run has come, on a terminal's standard error.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Most runs end before anybody asks how far they are.
const SILENT: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

/// Shown until it is dropped.
pub(super) struct Progress {
    counts: Arc<Counts>,
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Counts {
    done: AtomicU64,
    expected: AtomicU64,
}

impl Progress {
    /// Begins; elsewhere than on a terminal it shows nothing.
    pub(super) fn start() -> Self {
        let counts = Arc::new(Counts::default());
        if !std::io::stderr().is_terminal() {
            return Self { counts, drawing: None };
        }
        let (end, ended) = channel();
        let shared = Arc::clone(&counts);
        let draw = std::thread::Builder::new().spawn(move || {
            if ended.recv_timeout(SILENT) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            while ended.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
                bar.set_message(shared.text());
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Self { counts, drawing: draw.ok().map(|thread| (end, thread)) }
    }

    /// So many files will be judged.
    pub(super) fn expect(&self, files: usize) {
        self.counts.expected.store(files as u64, Relaxed);
    }

    /// One more file has been parsed.
    pub(super) fn advance(&self) {
        self.read(1);
    }

    /// So many more objects have been read, of nobody knows how many.
    pub(super) fn read(&self, objects: usize) {
        self.counts.done.fetch_add(objects as u64, Relaxed);
    }
}

impl Drop for Progress {
    /// The line is gone before anything else is written.
    fn drop(&mut self) {
        if let Some((end, thread)) = self.drawing.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}

impl Counts {
    fn text(&self) -> String {
        match (self.done.load(Relaxed), self.expected.load(Relaxed)) {
            (0, 0) => "reading".to_owned(),
            (done, 0) => format!("read {done} objects"),
            (done, expected) if done < expected => format!("parsed {done} of {expected} files"),
            (_, expected) => format!("judging {expected} files"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_counts_what_has_no_known_end() {
        let progress = Progress::start();
        progress.read(500);
        progress.read(20);
        assert_eq!(progress.counts.text(), "read 520 objects");
    }

    #[test]
    fn the_line_says_what_is_being_done() {
        let progress = Progress::start();
        assert_eq!(progress.counts.text(), "reading");
        progress.expect(2);
        progress.advance();
        assert_eq!(progress.counts.text(), "parsed 1 of 2 files");
        progress.advance();
        assert_eq!(progress.counts.text(), "judging 2 files");
    }
}

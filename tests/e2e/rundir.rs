//! The folder of one run: certificates, etcd's data, logs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder under cargo's own folder for tests, locked while its run lives.
pub(crate) struct RunDir {
    path: PathBuf,
    _lock: File,
}

impl RunDir {
    /// Makes this run's folder and removes those that earlier runs left for a look at their logs.
    pub(crate) fn create(attempt: u32) -> Result<Self, String> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e");
        sweep(&home);
        let path = home.join(format!("run-{}-{attempt}", std::process::id()));
        let lock = fs::create_dir_all(&path)
            .and_then(|()| File::create(path.join("lock")))
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| format!("cannot make {}: {error}", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn remove(&self) {
        // What is left is swept by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn sweep(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        // A lock that can be taken belongs to a run that has ended, however it ended.
        let ended = File::open(entry.path().join("lock")).map_or(true, |lock| lock.try_lock().is_ok());
        if ended && !is_new(&entry) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder this young may be another run's that has not locked it yet.
fn is_new(entry: &fs::DirEntry) -> bool {
    let made = entry.metadata().and_then(|metadata| metadata.modified()).ok();
    made.and_then(|made| made.elapsed().ok()).is_some_and(|age| age < Duration::from_secs(60))
}

/// Writes a file of the run.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), String> {
    fs::write(path, content).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

//! Puts a mended text back into its file: all of it or none.

use std::fmt::{self, Display};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Why a file was not written. It is as it was.
#[derive(Debug)]
pub enum Unwritten {
    /// It holds another text than the one that was read.
    Changed {
        /// The file's path.
        path: PathBuf,
    },
    /// It is no file: a pipe, a device.
    NoFile {
        /// The file's path.
        path: PathBuf,
    },
    /// It may not be written.
    ReadOnly {
        /// The file's path.
        path: PathBuf,
    },
    /// It could not be read again.
    Unreadable {
        /// The file's path.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// Its folder takes no new file, which would take its place.
    NoNewFile {
        /// The file's path.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// The new file beside it could not be written or take its place.
    Failed {
        /// The file's path.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
}

/// Replaces the text of a file, through a new file beside it, so that whoever reads it or interrupts this finds the
/// old text or the new one. Of a link, the file that it leads to is replaced; mode and owner stay.
///
/// # Errors
/// The file is another than the one that was read, may not be written, or the disk is full.
pub fn replace(path: &Path, old: &str, new: &str) -> Result<(), Unwritten> {
    let named = || path.to_owned();
    let unreadable = |error| Unwritten::Unreadable { path: named(), error };
    let failed = |error| Unwritten::Failed { path: named(), error };
    let target = fs::canonicalize(path).map_err(unreadable)?;
    let metadata = fs::metadata(&target).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Unwritten::NoFile { path: named() });
    }
    // A rename asks only the folder; who protects a file means the file.
    if metadata.permissions().readonly() {
        return Err(Unwritten::ReadOnly { path: named() });
    }
    OpenOptions::new().write(true).open(&target).map_err(failed)?;
    let mut beside = beside(&target, 0o600).map_err(|error| Unwritten::NoNewFile { path: named(), error })?;
    beside.as_file_mut().write_all(new.as_bytes()).map_err(failed)?;
    keep_owner(beside.as_file(), &metadata);
    beside.as_file().set_permissions(metadata.permissions()).map_err(failed)?;
    // Without it a power cut can leave an empty file under the old name.
    beside.as_file().sync_all().map_err(failed)?;
    // As late as can be: what an editor saved meanwhile is worth more than a fix.
    if fs::read(&target).map_err(unreadable)? != old.as_bytes() {
        return Err(Unwritten::Changed { path: named() });
    }
    persist(beside, &target).map_err(failed)
}

/// Writes a file of lagward's own, in one piece as [`replace`] does: the last one is not lost to a full disk. What is
/// no file is written to.
///
/// # Errors
/// The file cannot be written, and is as it was.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut permissions = None;
    if let Ok(metadata) = fs::metadata(&target) {
        if !metadata.is_file() {
            return fs::write(&target, text);
        }
        OpenOptions::new().write(true).open(&target)?;
        permissions = Some(metadata.permissions());
    }
    let mut beside = beside(&target, 0o666)?;
    beside.as_file_mut().write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions)?;
    }
    persist(beside, &target)
}

/// A new file in the same folder, since only within a file system is a rename one step. The process's mask takes
/// from its mode.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix has modes"))]
fn beside(target: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lagward-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    // Its own error names the new file, which nobody knows of.
    builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))
}

fn persist(beside: NamedTempFile, target: &Path) -> io::Result<()> {
    beside.persist(target).map(drop).map_err(|error| error.error)
}

/// Only root may give a file away; for everybody else it is theirs already, or stays with whoever fixes it.
#[cfg(unix)]
fn keep_owner(file: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let _ = std::os::unix::fs::fchown(file, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

impl Unwritten {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Changed { .. } => Some("run it again"),
            Self::NoFile { .. } => Some("use `-` to fix standard input"),
            Self::NoNewFile { .. } => Some("`lagward check --diff` shows the change without writing it"),
            Self::ReadOnly { .. } | Self::Unreadable { .. } | Self::Failed { .. } => None,
        }
    }
}

impl Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Changed { path }
        | Self::NoFile { path }
        | Self::ReadOnly { path }
        | Self::Unreadable { path, .. }
        | Self::NoNewFile { path, .. }
        | Self::Failed { path, .. }) = self;
        write!(f, "cannot fix {}: ", path.display())?;
        match self {
            Self::Changed { .. } => f.write_str("it changed while it was judged"),
            Self::NoFile { .. } => f.write_str("it is not a regular file"),
            Self::ReadOnly { .. } => f.write_str("it is read-only"),
            Self::NoNewFile { error, .. } => write!(f, "its folder takes no new file: {error}"),
            Self::Unreadable { error, .. } | Self::Failed { error, .. } => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Unwritten {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } | Self::NoNewFile { error, .. } | Self::Failed { error, .. } => {
                Some(error)
            }
            Self::Changed { .. } | Self::NoFile { .. } | Self::ReadOnly { .. } => None,
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "a: 1\n").unwrap();
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn the_text_changes_and_the_mode_stays() {
        let (folder, path) = folder();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, "a: 1\n", "a: 2\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 2\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["a.yaml"]);
    }

    #[test]
    fn a_link_stays_a_link() {
        let (folder, path) = folder();
        let link = folder.path().join("link.yaml");
        symlink("a.yaml", &link).unwrap();
        replace(&link, "a: 1\n", "a: 2\n").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 2\n");
    }

    #[test]
    fn what_changed_meanwhile_is_not_overwritten() {
        let (folder, path) = folder();
        fs::write(&path, "a: 3\n").unwrap();
        let error = replace(&path, "a: 1\n", "a: 2\n").unwrap_err();
        assert!(error.to_string().ends_with("a.yaml: it changed while it was judged"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 3\n");
        assert_eq!(names(folder.path()), ["a.yaml"]);
        fs::remove_file(&path).unwrap();
        assert!(matches!(replace(&path, "a: 1\n", "a: 2\n"), Err(Unwritten::Unreadable { .. })));
        assert_eq!(names(folder.path()).len(), 0);
    }

    #[test]
    fn a_file_of_its_own_is_made_or_replaced_and_what_is_no_file_is_written_to() {
        let (folder, path) = folder();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        save(&path, "new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode("a.yaml")), ("new", 0o640));
        fs::write(folder.path().join("usual"), "").unwrap();
        save(&folder.path().join("made"), "new").unwrap();
        assert_eq!(mode("made"), mode("usual"));
        save(Path::new("/dev/null"), "new").unwrap();
        assert!(save(Path::new("/dev/full"), "new").is_err());
        assert!(save(&folder.path().join("no/folder"), "new").is_err());
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn a_read_only_file_and_what_is_no_file_stay() {
        let (folder, path) = folder();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(replace(&path, "a: 1\n", "a: 2\n"), Err(Unwritten::ReadOnly { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 1\n");
        assert!(matches!(replace(folder.path(), "", "a: 2\n"), Err(Unwritten::NoFile { .. })));
    }

    /// Linux lets nobody make a file there, not even root.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_file_is_said_without_the_name_of_the_new_one() {
        let error = replace(Path::new("/proc/self/comm"), "", "a: 2\n").unwrap_err();
        assert!(matches!(error, Unwritten::NoNewFile { .. }), "{error}");
        assert!(!error.to_string().contains(".lagward-"), "{error}");
    }
}

//! What is looked for from a folder upwards: the repository, and the policy in it.

use std::path::{Component, Path, PathBuf};

/// The name of a policy that is found without being named.
pub const POLICY: &str = "lagward.yaml";

/// The nearest `lagward.yaml` in the folder of `path` or above it, as far as the repository goes (a folder with
/// `.git`), or to the root of the file system outside of one.
pub fn policy(path: &Path) -> Option<PathBuf> {
    for folder in folders(path) {
        let file = folder.join(POLICY);
        if file.is_file() {
            return Some(as_seen_from_here(file));
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The root of the repository that holds `path`.
pub fn repository(path: &Path) -> Option<PathBuf> {
    folders(path).into_iter().find(|folder| folder.join(".git").exists())
}

/// An absolute path without `.` and `..`; links stay as they are.
pub fn absolute(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let mut out = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    Some(out)
}

/// The folder of a path, or the path itself if it is a folder, and all above it.
fn folders(path: &Path) -> Vec<PathBuf> {
    let Some(absolute) = absolute(path) else { return Vec::new() };
    let skip = usize::from(!absolute.is_dir());
    absolute.ancestors().skip(skip).map(Path::to_owned).collect()
}

/// A message names a file below the current folder by the short way.
fn as_seen_from_here(file: PathBuf) -> PathBuf {
    let here = std::env::current_dir().ok();
    match here.and_then(|here| file.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(short) => short,
        None => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_policy_up_to_the_repository_counts() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        fs::create_dir_all(at("repo/.git")).unwrap();
        fs::create_dir_all(at("repo/team/k8s")).unwrap();
        fs::write(at("lagward.yaml"), "").unwrap();
        fs::write(at("repo/team/k8s/a.yaml"), "").unwrap();
        assert_eq!(policy(&at("repo/team/k8s/a.yaml")), None, "it does not leave the repository");
        fs::write(at("repo/lagward.yaml"), "").unwrap();
        assert_eq!(policy(&at("repo/team/k8s/a.yaml")), Some(at("repo/lagward.yaml")));
        fs::write(at("repo/team/lagward.yaml"), "").unwrap();
        assert_eq!(policy(&at("repo/team/k8s")), Some(at("repo/team/lagward.yaml")));
        assert_eq!(policy(&at("repo/team/k8s/../../x.yaml")), Some(at("repo/lagward.yaml")));
        assert_eq!(policy(&at("nothing/here.yaml")), Some(at("lagward.yaml")));
    }

    #[test]
    fn a_worktree_is_a_repository_too() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".git"), "gitdir: elsewhere").unwrap();
        assert_eq!(repository(&root.path().join("a/b.yaml")).as_deref(), Some(root.path()));
    }
}

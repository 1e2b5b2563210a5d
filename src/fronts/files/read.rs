//! Paths to texts.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

use super::lines::line_column;
use super::unread::Unread;

/// No manifest is larger; a database dump in the folder is not read into memory.
const LARGEST: usize = 64 << 20;

pub(super) const STANDARD_INPUT: &str = "<stdin>";

/// One input text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it, or below the folder as the user gave it; `<stdin>` for standard input.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The folder that holds it: objects in one folder see each other first. `<stdin>` for standard input.
    pub folder: PathBuf,
    /// Whose text it is.
    pub origin: Origin,
}

/// Whose text a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The file of that name.
    File,
    /// Standard input, as it came.
    StandardInput,
    /// A tool's output: its lines are lines of no file.
    Rendered {
        /// The file that it was made of, where that is known.
        file: Option<PathBuf>,
    },
}

impl Source {
    /// The file that holds the text; `None` for standard input and for what was rendered.
    pub fn path(&self) -> Option<PathBuf> {
        (self.origin == Origin::File).then(|| PathBuf::from(&self.name))
    }
}

/// Reads every path: `-` is standard input, a folder is walked, a file is taken whatever its name.
///
/// A walk takes `*.yaml`, `*.yml` and `*.json`, in the order of their paths. It skips what `.gitignore` and
/// `.lagwardignore` name, hidden files and linked folders. No file is read twice.
pub fn collect(paths: &[PathBuf]) -> (Vec<Source>, Vec<Unread>) {
    let mut wanted = Wanted::default();
    for path in paths {
        wanted.add(path);
    }
    let mut unread = wanted.unread;
    let mut sources = Vec::with_capacity(wanted.files.len());
    let texts: Vec<_> = wanted.files.par_iter().map(|file| load(file)).collect();
    for text in texts {
        match text {
            Ok(source) => sources.push(source),
            Err(why) => unread.push(why),
        }
    }
    (sources, unread)
}

/// The files to read, each once.
#[derive(Default)]
struct Wanted {
    files: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    unread: Vec<Unread>,
}

impl Wanted {
    fn add(&mut self, path: &Path) {
        if path == Path::new("-") {
            return self.take(path.to_owned());
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.walk(path),
            Ok(_) => self.take(path.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.unread.push(Unread::Missing { path: path.to_owned() });
            }
            Err(error) => self.unread.push(Unread::File { path: path.to_owned(), error }),
        }
    }

    fn walk(&mut self, folder: &Path) {
        let mut found = false;
        for entry in walker(folder).build() {
            match entry {
                Ok(entry) if is_manifest(&entry) => {
                    found = true;
                    self.take(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    found = true;
                    self.unread.push(Unread::Folder { path: folder.to_owned(), error });
                }
            }
        }
        if !found {
            self.unread.push(Unread::Nothing { path: folder.to_owned() });
        }
    }

    fn take(&mut self, path: PathBuf) {
        // What cannot be resolved (a pipe, standard input) is told apart by its name.
        let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if self.seen.insert(identity) {
            self.files.push(path);
        }
    }
}

/// Only files that travel with the folder decide what is skipped, so that two machines agree.
fn walker(folder: &Path) -> WalkBuilder {
    let mut walker = WalkBuilder::new(folder);
    walker
        .require_git(false)
        .git_global(false)
        .git_exclude(false)
        .ignore(false)
        .add_custom_ignore_filename(".lagwardignore")
        .sort_by_file_path(Path::cmp);
    walker
}

/// A linked file counts (a mounted ConfigMap is made of them), a linked folder is not entered. A link that leads
/// nowhere counts too, so that it is said.
fn is_manifest(entry: &DirEntry) -> bool {
    let extension = entry.path().extension().unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        && entry.file_type().is_some_and(|kind| {
            kind.is_file()
                || kind.is_symlink() && fs::metadata(entry.path()).map_or(true, |target| target.is_file())
        })
}

fn load(path: &Path) -> Result<Source, Unread> {
    if path == Path::new("-") {
        let bytes = limited(io::stdin().lock()).map_err(|error| Unread::StandardInput { error })?;
        let (name, text) = (STANDARD_INPUT.to_owned(), text(bytes, STANDARD_INPUT)?);
        return Ok(Source { name, text, folder: STANDARD_INPUT.into(), origin: Origin::StandardInput });
    }
    let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let bytes =
        File::open(path).and_then(limited).map_err(|error| Unread::File { path: path.to_owned(), error })?;
    let text = text(bytes, &name)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Source { name, text, folder: folder.to_owned(), origin: Origin::File })
}

pub(super) fn limited(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Unread> {
    if bytes.len() > LARGEST {
        return Err(Unread::TooLarge { name: name.to_owned(), limit: LARGEST });
    }
    // PowerShell's `>` writes UTF-16, which is half zeros and no binary file.
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !is_utf16 && bytes.contains(&0) {
        return Err(Unread::Binary { name: name.to_owned() });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let lossy = String::from_utf8_lossy(error.as_bytes());
        let (line, _) = line_column(&lossy, valid);
        Unread::NotUtf8 { name: name.to_owned(), line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    /// The names below the folder, and what could not be read.
    fn names(folder: &Path) -> (Vec<String>, Vec<String>) {
        let (sources, unread) = collect(&[folder.to_owned()]);
        let prefix = format!("{}/", folder.display());
        let below = |text: &str| text.replace(&prefix, "");
        (
            sources.iter().map(|source| below(&source.name)).collect(),
            unread.iter().map(|why| below(&why.to_string())).collect(),
        )
    }

    #[test]
    fn a_folder_is_walked_in_order_and_takes_yaml_and_json() {
        let folder = folder(&[
            ("b.yml", b"b"),
            ("a/z.YAML", b"z"),
            ("a/c.json", b"{}"),
            ("a/readme.md", b"#"),
            ("a.yaml", b""),
        ]);
        assert_eq!(names(folder.path()).0, ["a/c.json", "a/z.YAML", "a.yaml", "b.yml"]);
    }

    #[test]
    fn ignored_and_hidden_files_are_skipped_outside_a_repository_too() {
        let folder = folder(&[
            (".gitignore", b"/rendered/\n"),
            (".lagwardignore", b"*.draft.yaml\n"),
            ("rendered/a.yaml", b"a"),
            ("b.draft.yaml", b"b"),
            (".hidden/c.yaml", b"c"),
            ("d.yaml", b"d"),
        ]);
        assert_eq!(names(folder.path()).0, ["d.yaml"]);
    }

    #[test]
    fn a_named_file_is_taken_whatever_its_name_and_only_once() {
        let folder = folder(&[("manifest.txt", b"a: 1"), ("b.yaml", b"b: 1")]);
        let named = folder.path().join("manifest.txt");
        let (sources, unread) = collect(&[named.clone(), folder.path().to_owned(), named.clone()]);
        assert!(unread.is_empty(), "{unread:?}");
        assert_eq!(sources[0].name, named.display().to_string());
        assert_eq!(sources[0].folder, folder.path());
        assert_eq!(sources.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn linked_files_are_read_and_linked_folders_do_not_loop() {
        let folder = folder(&[("..data/a.yaml", b"a"), ("sub/b.yaml", b"b")]);
        std::os::unix::fs::symlink("..data/a.yaml", folder.path().join("a.yaml")).unwrap();
        std::os::unix::fs::symlink("..", folder.path().join("sub/up")).unwrap();
        assert_eq!(names(folder.path()), (vec!["a.yaml".to_owned(), "sub/b.yaml".to_owned()], vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_said() {
        let folder = folder(&[("a.yaml", b"a")]);
        for (to, from) in [("gone.yaml", "b.yaml"), ("d.yaml", "c.yaml"), ("c.yaml", "d.yaml"), ("gone", "e")]
        {
            std::os::unix::fs::symlink(to, folder.path().join(from)).unwrap();
        }
        let (sources, unread) = names(folder.path());
        assert_eq!(sources, ["a.yaml"]);
        let begin = ["cannot read b.yaml: No such file", "cannot read c.yaml: ", "cannot read d.yaml: "];
        assert!(unread.iter().zip(begin).all(|(why, begin)| why.starts_with(begin)), "{unread:?}");
        assert_eq!(unread.len(), 3, "{unread:?}");
    }

    #[test]
    fn what_cannot_be_read_is_one_line_each() {
        let folder = folder(&[
            ("binary.yaml", b"a\0b"),
            ("latin.yaml", b"a: 1\nb: f\xfcr\n"),
            ("ok.yaml", b"a: 1\n"),
            ("power.yaml", b"\xff\xfea\0:\0"),
            ("empty/readme.md", b""),
        ]);
        let (sources, unread) = names(folder.path());
        assert_eq!(sources, ["ok.yaml"]);
        assert_eq!(
            unread,
            [
                "cannot read binary.yaml: it is a binary file",
                "cannot read latin.yaml: line 2 is not UTF-8",
                "cannot read power.yaml: line 1 is not UTF-8"
            ]
        );
        let (_, unread) = collect(&[folder.path().join("empty"), folder.path().join("typo")]);
        assert_eq!(
            unread
                .iter()
                .map(|why| why.to_string().rsplit_once('/').unwrap().1.to_owned())
                .collect::<Vec<_>>(),
            ["empty: no .yaml, .yml or .json file is in it", "typo: no such file or folder"]
        );
    }
}

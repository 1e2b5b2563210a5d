//! The arguments of kube-state-metrics, taken apart as pflag does it (`parseArgs`, github.com/spf13/pflag v1.0.5).

use super::flags::{self, Flag, Instead};
use super::{KubeStateVersion, UnknownFlag};
use crate::engine::place::Place;
use crate::engine::views::{self, MOST_ITEMS};

/// All of a container's arguments.
#[derive(Debug)]
pub(super) struct Arguments {
    /// Where another argument would go.
    pub(super) list: Place,
    pub(super) all: Vec<Argument>,
}

/// One argument, with its value if that is the next one.
#[derive(Debug)]
pub(super) enum Argument {
    Known { name: &'static str, place: Place, value: String },
    Unknown(UnknownFlag),
}

/// Longer than any flag is; a message shows no more.
const LONGEST: usize = 64;

impl Arguments {
    /// The arguments that the program gets; `None` where another program gets them, or a subcommand.
    pub(super) fn read(
        view: &views::Container<'_>,
        place: &Place,
        version: Option<KubeStateVersion>,
    ) -> Option<Self> {
        let list = |name: &'static str, words: &[views::Scalar<'_>]| -> Vec<(Place, String)> {
            let list = place.field(name);
            let word = |(index, word): (usize, &views::Scalar<'_>)| {
                (list.item(index, None), word.raw().into_owned())
            };
            words.iter().take(MOST_ITEMS).enumerate().map(word).collect()
        };
        let mut words = list("command", &view.command);
        if !words.is_empty() {
            let (_, program) = words.remove(0);
            if program.rsplit('/').next() != Some("kube-state-metrics") {
                return None;
            }
        }
        words.extend(list("args", &view.args));
        let all = parse(&words, version)?;
        Some(Self { list: place.field("args"), all })
    }

    /// The last use of a flag, which is the one that counts, and its value.
    pub(super) fn last(&self, wanted: &str) -> Option<(&Place, &str)> {
        self.all.iter().rev().find_map(|argument| match argument {
            Argument::Known { name, place, value } if *name == wanted => Some((place, value.as_str())),
            _ => None,
        })
    }
}

fn parse(words: &[(Place, String)], version: Option<KubeStateVersion>) -> Option<Vec<Argument>> {
    let mut all = Vec::new();
    let mut words = words.iter().peekable();
    while let Some((place, word)) = words.next() {
        if word == "--" {
            break;
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        // A name that Kubernetes puts together may be any.
        if name.contains("$(") {
            continue;
        }
        let is_flag = |word: &str| word.starts_with('-') && word.len() > 1;
        match find(name, version) {
            // A subcommand, or what it refuses as one.
            _ if !is_flag(word) => return None,
            Some(flag) => {
                let behind = name.strip_prefix("-v").filter(|rest| !rest.is_empty()).map(ToOwned::to_owned);
                let next = || match flag.is_bool {
                    true => Some("true".to_owned()),
                    false => words.next().map(|(_, word)| word.clone()),
                };
                let place = place.clone();
                all.push(match inline.or(behind).or_else(next) {
                    Some(value) => Argument::Known { name: flag.name, place, value },
                    None => {
                        let written = name.into();
                        Argument::Unknown(UnknownFlag { place, written, instead: Instead::Value })
                    }
                });
            }
            None => {
                let bare = name.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
                let written = name.chars().take(LONGEST).collect::<String>().into();
                let instead = instead(name, bare, version);
                all.push(Argument::Unknown(UnknownFlag { place: place.clone(), written, instead }));
                // What stands behind it is probably its value.
                if inline.is_none() {
                    words.next_if(|(_, word)| !is_flag(word));
                }
            }
        }
    }
    Some(all)
}

/// Two hyphens and a name, or `-v` and `-h`, the only short ones.
fn find(name: &str, version: Option<KubeStateVersion>) -> Option<&'static Flag> {
    match name.strip_prefix("--") {
        Some(long) => flags::find(long, version),
        None if name.starts_with("-v") && name[2..].bytes().all(|byte| byte.is_ascii_digit()) => {
            flags::find("v", version)
        }
        None if name == "-h" => flags::find("help", version),
        None => None,
    }
}

/// The right name in the wrong form, such as `-port` or `--port 8080` in one argument, means itself.
fn instead(name: &str, bare: &str, version: Option<KubeStateVersion>) -> Instead {
    match flags::find(bare, version) {
        Some(flag) if name.len() <= LONGEST => Instead::Flag(flag.name),
        _ if bare.len() <= LONGEST => flags::meant(bare, version),
        _ => Instead::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Option<Vec<String>> {
        let words: Vec<(Place, String)> =
            words.iter().map(|word| (Place::default(), (*word).to_owned())).collect();
        let all = parse(&words, Some(KubeStateVersion(13)))?;
        Some(
            all.into_iter()
                .map(|argument| match argument {
                    Argument::Known { name, value, .. } => format!("{name}={value}"),
                    Argument::Unknown(flag) => format!("? {}", flag.written),
                })
                .collect(),
        )
    }

    #[test]
    fn a_value_stands_behind_an_equals_sign_or_in_the_next_argument() {
        let all = read(&[
            "--port=8080",
            "--host",
            "::",
            "--enable-gzip-encoding",
            "-v=4",
            "-v4",
            "-v",
            "4",
            "--",
            "--x",
        ]);
        let expected = ["port=8080", "host=::", "enable-gzip-encoding=true", "v=4", "v=4", "v=4"];
        assert_eq!(all.as_deref(), Some(&expected.map(ToOwned::to_owned)[..]));
    }

    #[test]
    fn what_is_no_flag_is_found() {
        let all = read(&[
            "-port=8080",
            "--port 8080",
            "--scrape-interval",
            "30s",
            "--pod=$(POD)",
            "$(MORE)",
            "--$(X)=1",
            "--host",
        ]);
        let expected = ["? -port", "? --port 8080", "? --scrape-interval", "pod=$(POD)", "? --host"];
        assert_eq!(all.as_deref(), Some(&expected.map(ToOwned::to_owned)[..]));
        assert_eq!(read(&["version"]), None);
    }
}

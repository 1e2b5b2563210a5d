//! Why an edit is not made.

use std::fmt::{self, Display};

/// Why an edit is not made. The text stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A part of the file cannot be read, so that no edit can be checked.
    Broken,
    /// An alias (`*name`) stands there: the edit would belong to another place.
    Alias,
    /// The place has an anchor (`&name`) that an alias names: the edit would change other places too.
    Anchor,
    /// A merge key (`<<`) brings the place from elsewhere.
    Merge,
    /// The object has another shape there.
    Unfit,
    /// A map or a list would be written anew, with all that is in it.
    Whole,
    /// A `|` or `>` text would be written anew.
    TextBlock,
    /// YAML reads the number or the boolean there in another way than it is written.
    Respelt,
    /// A comment would be lost.
    Comment,
    /// The map has the key twice.
    Twice,
    /// It touches what another edit touches.
    Entangled,
    /// The edited text does not read as the object with the edit.
    Mismatch,
    /// Helm rendered the text.
    Helm {
        /// The template, where its `# Source:` line names it.
        template: Option<Box<str>>,
    },
    /// An unsafe fix would write there what the author wrote in a wrong place.
    Claimed {
        /// The code of its rule.
        code: &'static str,
    },
    /// It came back after every round of fixes.
    Endless,
}

impl Refused {
    /// What to do, where that is not "by hand".
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Helm { .. } => Some("change the template or its values"),
            Self::Claimed { .. } => Some("use --unsafe-fixes"),
            Self::Respelt => Some("write what is meant, in quotes"),
            Self::Broken => Some("correct the syntax first"),
            Self::Endless => Some("two rules disagree here; please report it"),
            _ => None,
        }
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broken => "the file has a syntax error",
            Self::Alias => "an alias (`*`) stands there, and what it names stands elsewhere",
            Self::Anchor => "an alias elsewhere repeats what stands there",
            Self::Merge => "a merge key (`<<`) brings it from elsewhere",
            Self::Unfit => "a value of another kind stands there",
            Self::Whole => "a map or list would have to be written anew",
            Self::TextBlock => "a block of text would have to be written anew",
            Self::Respelt => "YAML reads another value than the one that is written there",
            Self::Comment => "a comment would be lost",
            Self::Twice => "the map has the key twice",
            Self::Entangled => "it touches what another edit touches",
            Self::Mismatch => "the edited text would not read as intended",
            Self::Helm { template: Some(template) } => return write!(f, "helm rendered it from {template}"),
            Self::Claimed { code } => {
                return write!(f, "the fix of {code} would set the same field to what is written elsewhere");
            }
            Self::Helm { template: None } => "helm rendered it",
            Self::Endless => "it comes back after every fix",
        })
    }
}

impl std::error::Error for Refused {}

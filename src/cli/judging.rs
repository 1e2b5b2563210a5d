//! What the commands that judge have in common: by what, and from when they fail.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ColorChoice, ValueEnum};

use super::complaint::Complaint;
use super::select::narrow;
use crate::engine::keda::KedaVersion;
use crate::engine::policy::Policy;
use crate::engine::rule::Level;
use crate::fronts::files::{policy, upwards};

#[derive(Args)]
pub(super) struct Judging {
    /// The policy to judge by [default: the nearest lagward.yaml at or above the first path or the current folder,
    /// else the shipped one]
    #[arg(long, value_name = "FILE", env = "LAGWARD_POLICY")]
    policy: Option<PathBuf>,
    /// The version of KEDA that runs [default: the policy's, else the newest known]
    #[arg(long, value_name = "VERSION")]
    keda_version: Option<KedaVersion>,
    /// Judge by these rules only: codes, names or the beginning of codes (LW2), comma-separated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave out these rules: codes, names or the beginning of codes, comma-separated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Exit with 1 if a finding has this level or a higher one
    #[arg(long, value_enum, default_value_t = FailOn::Deny)]
    fail_on: FailOn,
}

#[derive(Args)]
pub(super) struct Colour {
    /// When to colour the text
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Deny,
    Warn,
    Never,
}

impl Judging {
    /// The policy that was named, or that is found from `start` upwards.
    pub(super) fn policy(&self, start: &Path) -> Result<Policy, Complaint> {
        let found = self.policy.clone().or_else(|| upwards::policy(start));
        let mut policy = policy::load(found.as_deref())?.policy;
        narrow(&mut policy, &self.select, &self.ignore)?;
        if let Some(version) = self.keda_version {
            policy.keda_version = version;
        }
        Ok(policy)
    }

    /// The level from which the exit code tells of a finding.
    pub(super) fn fails_from(&self) -> Option<Level> {
        match self.fail_on {
            FailOn::Deny => Some(Level::Deny),
            FailOn::Warn => Some(Level::Warn),
            FailOn::Never => None,
        }
    }
}

impl Colour {
    pub(super) fn is_on(&self) -> bool {
        match self.color {
            ColorChoice::Always => {
                // Else the stream takes the colours out again where it is no terminal.
                anstream::ColorChoice::Always.write_global();
                true
            }
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            }
        }
    }
}

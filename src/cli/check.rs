//! `lagward check`

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ColorChoice, ValueEnum};

use super::fix::{Fixing, Mended};
use super::{Exit, complain, eprint, print};
use crate::engine::keda::KedaVersion;
use crate::engine::policy::Policy;
use crate::fronts::files::check::{Checked, Failure};
use crate::fronts::files::{collect, policy};
use crate::output::{Counts, json, text};

/// Judge manifests in files, folders or standard input
///
/// Deployments, StatefulSets and ScaledObjects of the same input are judged against each other.
/// Exit code: 0 clean, 1 findings at or above --fail-on, 2 bad usage or unreadable input.
#[derive(Args)]
pub(super) struct Check {
    /// Files and folders; `-` is standard input
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to write the findings
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// The policy to judge by [default: the one that is shipped]
    #[arg(long, value_name = "FILE", env = "LAGWARD_POLICY")]
    policy: Option<PathBuf>,
    /// The version of KEDA that runs [default: the policy's, else the newest known]
    #[arg(long, value_name = "VERSION")]
    keda_version: Option<KedaVersion>,
    /// Judge by these rules only (codes, comma-separated)
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave these rules out (codes, comma-separated)
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The level of findings from which the exit code is 1
    #[arg(long, value_enum, default_value_t = FailOn::Deny)]
    fail_on: FailOn,
    #[command(flatten)]
    fixing: Fixing,
    /// When to colour the text
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Deny,
    Warn,
    Never,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let mut policy = match policy::load(self.policy.as_deref()) {
            Ok(loaded) => loaded.policy,
            Err(error) => {
                complain(&error, None);
                return Exit::Failed;
            }
        };
        if let Err(unknown) = self.narrow(&mut policy) {
            complain(&format!("{unknown} is no rule"), Some("`lagward rules` lists all"));
            return Exit::Failed;
        }
        if let Some(version) = self.keda_version {
            policy.keda_version = version;
        }
        let (sources, unread) = collect(&self.paths);
        for unread in &unread {
            complain(unread, unread.help());
        }
        if self.fixing.only_shows() {
            return self.fixing.show(sources, &policy, !unread.is_empty());
        }
        let Mended { sources, checked, has_failed } = self.fixing.mend(sources, &policy);
        let sources = checked.concealed(sources);
        let print = if self.fixing.filters(&self.paths) { eprint } else { print };
        match self.output {
            Format::Text => {
                complain_about(&checked.errors);
                print(&text::render(&checked, &sources, self.is_coloured()));
            }
            Format::Json => {
                let mut report = json::render(&checked, &sources);
                if let Some(errors) = report["errors"].as_array_mut() {
                    errors.extend(
                        unread.iter().map(|unread| serde_json::json!({"message": unread.to_string()})),
                    );
                }
                print(&format!("{report:#}\n"));
            }
        }
        self.exit(&checked, has_failed || !unread.is_empty())
    }

    fn narrow(&self, policy: &mut Policy) -> Result<(), String> {
        let known = |code: &String| policy.rule(code).map(|rule| rule.code).ok_or_else(|| code.clone());
        let select = self.select.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        let ignore = self.ignore.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        policy
            .keep(|rule| (select.is_empty() || select.contains(&rule.code)) && !ignore.contains(&rule.code));
        Ok(())
    }

    fn is_coloured(&self) -> bool {
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

    fn exit(&self, checked: &Checked, is_partial: bool) -> Exit {
        if is_partial || !checked.errors.is_empty() {
            return Exit::Failed;
        }
        let counts = Counts::of(&checked.findings);
        let fails = match self.fail_on {
            FailOn::Deny => counts.deny > 0,
            FailOn::Warn => counts.deny + counts.warn > 0,
            FailOn::Never => false,
        };
        if fails { Exit::Findings } else { Exit::Clean }
    }
}

/// What cannot be read is no finding: it goes to standard error, in the compilers' form.
pub(super) fn complain_about(failures: &[Failure]) {
    for failure in failures {
        let at = failure.at.map(|(line, column)| format!("{}:{line}:{column}: ", failure.file));
        complain(&format!("{}{}", at.unwrap_or_default(), failure.message), failure.help);
    }
}

/// Today in UTC, by which exemptions hold.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

//! `lagward audit`

use std::io::IsTerminal;
use std::path::Path;

use clap::Args;

use super::complaint::Complaint;
use super::judging::{Colour, Judging};
use super::outputs::{self, Output};
use super::progress::Progress;
use super::report::{complain_about, today, write};
use super::{Exit, print, warn};
use crate::engine::policy::Policy;
use crate::fronts::cluster::audit::{Scope, audit};
use crate::fronts::cluster::audited::Audited;
use crate::fronts::cluster::configure::configure;
use crate::output::{Ground, Report};

/// Judge what runs in a cluster
///
/// Deployments, StatefulSets and ScaledObjects are judged against each other, whether or not the webhook has ever seen
/// them. The right to list them is enough; nothing is written.
/// Exit code: 0 clean, 1 findings at or above --fail-on, 2 bad usage or something that could not be judged.
#[derive(Args)]
pub(super) struct Audit {
    /// The namespace to judge; may be repeated [default: that of the context]
    #[arg(short, long, value_name = "NAMESPACE", value_delimiter = ',', value_parser = namespace)]
    namespace: Vec<String>,
    /// Judge all namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// The context of the kubeconfig [default: the current one; in a pod without a kubeconfig, its cluster]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// How to write the findings, and where to: text, json, sarif or junit. May be repeated; text goes to standard
    /// output unless another format does, on a terminal as a table unless it is asked for
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    output: Vec<Output>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    colour: Colour,
}

impl Audit {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let mut outputs = outputs::plan(&self.output)?;
        if outputs.iter().any(Output::needs_files) {
            return Err(Complaint::new("github shows findings in files, and a cluster has none")
                .with_help("use text, json, sarif or junit"));
        }
        // Whoever asks for text gets it.
        if !self.output.iter().any(Output::is_on_stdout) && std::io::stdout().is_terminal() {
            outputs = outputs.into_iter().map(Output::into_table).collect();
        }
        let policy = self.judging.policy(Path::new("."))?;
        let audited = self.audit(&policy)?;
        for gap in &audited.gaps {
            warn(&gap.message, gap.help.as_deref());
        }
        complain_about(&audited.errors);
        let (checked, sources, targets) = audited.checked();
        let report = Report {
            checked: &checked,
            sources: &sources,
            policy: &policy,
            fails_from: self.judging.fails_from(),
            ground: Ground::Cluster(&targets),
        };
        Ok(write(&report, &outputs, self.colour.is_on(), print))
    }

    fn audit(&self, policy: &Policy) -> Result<Audited, Complaint> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Complaint::new(format!("cannot start the runtime: {error}")))?;
        runtime.block_on(async {
            let config = configure(self.context.as_deref()).await?;
            let scope = match (self.all_namespaces, &self.namespace[..]) {
                (true, _) => Scope::All,
                (false, []) => Scope::Namespaces(vec![config.default_namespace.clone()]),
                (false, names) => Scope::Namespaces(names.to_vec()),
            };
            let progress = Progress::start();
            let audited = audit(&config, &scope, policy, today(), &|objects| progress.read(objects)).await;
            audited.map_err(|error| Complaint::new(format!("the kubeconfig cannot be used: {error}")))
        })
    }
}

/// A DNS label: what it names becomes part of a path.
fn namespace(text: &str) -> Result<String, String> {
    let is_legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_one = !text.is_empty() && text.len() <= 63 && text.bytes().all(is_legal);
    is_one.then(|| text.to_owned()).ok_or_else(|| "is not the name of a namespace".to_owned())
}

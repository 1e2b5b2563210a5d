//! The real helm, and the chart.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::installed::Ran;
use crate::tools;

/// helm with an empty home: no repository, plugin or cluster of somebody's own.
pub(crate) struct Helm {
    program: PathBuf,
    kubeconfig: Option<PathBuf>,
    namespace: String,
}

impl Helm {
    /// For what needs no cluster.
    pub(crate) fn alone() -> Self {
        let program = tools::build().unwrap_or_else(|why| panic!("{why}")).join("helm");
        Self { program, kubeconfig: None, namespace: "lagward".to_owned() }
    }

    pub(crate) fn on(kubeconfig: PathBuf, namespace: &str) -> Self {
        Self { kubeconfig: Some(kubeconfig), namespace: namespace.to_owned(), ..Self::alone() }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("helm");
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--namespace").arg(&self.namespace).env("HOME", &home);
        for key in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(key, &home);
        }
        command.env("KUBECONFIG", self.kubeconfig.as_deref().unwrap_or(Path::new("/dev/null")));
        Ran::of(&mut command)
    }

    /// What the chart renders with these flags.
    pub(crate) fn template(&self, flags: &[&str]) -> String {
        let chart = chart();
        self.run(&[&["template", "lagward", &chart, "--kube-version=1.34.0"], flags].concat()).succeeded()
    }
}

pub(crate) fn chart() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/helm/lagward").display().to_string()
}

/// The objects of a text of documents.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).expect("YAML");
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

//! Which cluster a person means.

use std::error::Error;
use std::fmt;

use kube::Config;
use kube::config::{KubeConfigOptions, KubeconfigError};

/// Why there is no cluster to ask.
#[derive(Debug)]
pub enum NoConfig {
    /// The kubeconfig has no context of this name.
    Context(String),
    /// There is no kubeconfig that can be used, nor a service account.
    Kubeconfig(KubeconfigError),
}

/// The cluster of this context of the kubeconfig; without one that of the current context, or the one that this
/// process runs in. Nothing is asked of it yet.
///
/// # Errors
/// When there is none.
pub async fn configure(context: Option<&str>) -> Result<Config, NoConfig> {
    let options = KubeConfigOptions { context: context.map(ToOwned::to_owned), ..Default::default() };
    match Config::from_kubeconfig(&options).await {
        Ok(config) => Ok(config),
        Err(KubeconfigError::LoadContext(name)) => Err(NoConfig::Context(name)),
        Err(error) if context.is_some() => Err(NoConfig::Kubeconfig(error)),
        Err(error) => Config::incluster().map_err(|_| NoConfig::Kubeconfig(error)),
    }
}

impl NoConfig {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Context(_) => "`kubectl config get-contexts` lists them",
            Self::Kubeconfig(_) => {
                "name a kubeconfig in KUBECONFIG; `kubectl config view` shows what it holds"
            }
        }
    }
}

impl fmt::Display for NoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(name) => write!(f, "the kubeconfig has no context {name:?}"),
            Self::Kubeconfig(error) => write!(f, "cannot find a cluster: {}", described(error)),
        }
    }
}

impl Error for NoConfig {}

/// An error and what it comes from, in one line.
pub(super) fn described(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text += &format!(": {more}");
        }
        source = cause.source();
    }
    text.replace('\n', " ")
}

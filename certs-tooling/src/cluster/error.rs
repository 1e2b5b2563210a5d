//! What can go wrong with the API server.

use std::fmt;

/// Why something could not be read or written.
#[derive(Debug)]
pub enum Error {
    /// No way to the API server was found.
    Config(kube::config::InferConfigError),
    /// The way that was found cannot be used.
    Client(kube::Error),
    /// A request could not be built.
    Request(http::Error),
    /// The API server refused a request, or could not be reached.
    Api {
        /// What was to be done.
        verb: &'static str,
        /// To what.
        object: String,
        /// Why not.
        source: Box<kube::Error>,
    },
    /// A webhook configuration is not there.
    NotRegistered {
        /// Which.
        object: String,
    },
    /// A webhook configuration has no webhook of lagward's.
    NoWebhook {
        /// Which.
        object: String,
    },
    /// Somebody else applies the bundle of a webhook.
    Owned {
        /// Of which configuration.
        object: String,
        /// Who.
        manager: String,
    },
    /// There is a Secret of that name which was not made here.
    Foreign {
        /// Which.
        object: String,
    },
}

impl Error {
    pub(super) fn api(verb: &'static str, object: impl Into<String>, source: kube::Error) -> Self {
        Self::Api { verb, object: object.into(), source: Box::new(source) }
    }

    /// Whether somebody else was faster: reading again is all it takes.
    pub fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Config(_) => Some("set KUBECONFIG, or run in a pod with a service account".to_owned()),
            Self::Api { verb, object, .. } if self.code() == Some(403) => {
                Some(format!("let this user `{verb}` {object}, as manifests/kustomize/base/rbac.yaml does"))
            }
            Self::NotRegistered { .. } => {
                Some("apply the manifests first, or name it with --validating or --mutating".to_owned())
            }
            Self::NoWebhook { .. } => Some("webhooks of lagward are named *.lagward.dev".to_owned()),
            Self::Owned { .. } => Some(
                "leave `caBundle` out of what they apply; with cert-manager, run no lagward-certs".to_owned(),
            ),
            Self::Foreign { .. } => Some(
                "remove it, or choose another name with --secret and in the Deployment's volume".to_owned(),
            ),
            _ => None,
        }
    }

    fn code(&self) -> Option<u16> {
        let Self::Api { source, .. } = self else { return None };
        match source.as_ref() {
            kube::Error::Api(status) => Some(status.code),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "no API server is known: {error}"),
            Self::Client(error) => write!(f, "the API server cannot be used: {error}"),
            Self::Request(error) => write!(f, "a request cannot be built: {error}"),
            Self::Api { verb, object, source } => {
                write!(f, "cannot {verb} {object}: ")?;
                match source.as_ref() {
                    kube::Error::Api(status) => f.write_str(&status.message),
                    kube::Error::Service(error) => chain(f, error.as_ref()),
                    other => other.fmt(f),
                }
            }
            Self::NotRegistered { object } => write!(f, "there is no {object}"),
            Self::NoWebhook { object } => write!(f, "{object} has no webhook of lagward"),
            Self::Owned { object, manager } => {
                write!(f, "the caBundle of {object} is applied by `{manager}`: nothing was changed")
            }
            Self::Foreign { object } => {
                write!(f, "{object} was not made by lagward-certs: nothing was changed")
            }
        }
    }
}

/// The cause is what tells a refused connection from an expired certificate.
fn chain(f: &mut fmt::Formatter<'_>, error: &dyn std::error::Error) -> fmt::Result {
    write!(f, "{error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(f, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}

impl std::error::Error for Error {}

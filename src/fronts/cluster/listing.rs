//! Lists of the API server, page by page, and what goes wrong with them.

use std::time::Duration;

use http::Request;
use kube::Client;
use kube::api::ListParams;
use kube::client::AuthError;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::configure::described;

/// Objects in one page, as kubectl asks for them: a page is held as text.
const PAGE: u32 = 500;
/// How long the API server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a list is not complete.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// 404: there is no such resource.
    Missing,
    /// 410: too much has changed since the first page.
    Expired,
    /// 403.
    Forbidden,
    /// 401.
    Unauthenticated,
    /// Another refusal.
    Refused(u16, String),
    /// The API server did not answer, for this reason.
    Unreachable(String),
    /// The answer ended before its end.
    Cut,
    /// The answer is no list.
    Garbled,
}

/// One page of a list. Each object is text still: one that cannot be read must not cost the others.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    metadata: PageMetadata,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Deserialize)]
struct PageMetadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

/// What the API server answers at this path, from where the last page ended.
pub(super) async fn page(client: &Client, path: &str, next: Option<&str>) -> Result<String, Broken> {
    let mut wanted = ListParams::default().limit(PAGE);
    wanted.continue_token = next.map(ToOwned::to_owned);
    let request = kube::core::Request::new(path).list(&wanted).map_err(|_| Broken::Missing)?;
    ask(client, request).await
}

/// The answer to one request.
pub(super) async fn ask(client: &Client, request: Request<Vec<u8>>) -> Result<String, Broken> {
    match timeout(PATIENCE, client.request_text(request)).await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Broken::Unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

impl<'a> Page<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Broken> {
        serde_json::from_str(text).map_err(|_| Broken::Garbled)
    }

    pub(super) fn items(&self) -> &[&'a RawValue] {
        self.items.as_deref().unwrap_or_default()
    }

    /// Where the next page begins; none behind the last one.
    pub(super) fn next(&self) -> Option<String> {
        self.metadata.next.clone().filter(|next| !next.is_empty())
    }
}

impl Broken {
    /// Nothing more is to be had of this API server.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Unreachable(_))
    }

    /// What went wrong with the list of `what`, such as `deployments in namespace payments`.
    pub(super) fn describe(&self, what: &str) -> String {
        match self {
            Self::Missing => format!("the API server does not have {what}"),
            Self::Expired => format!("{what} change faster than they can be listed"),
            Self::Forbidden => format!("the API server does not let you list {what}"),
            Self::Unauthenticated => {
                "the API server does not accept the credentials of the kubeconfig".to_owned()
            }
            Self::Refused(code, reason) => {
                format!("the API server answers {code} {reason} to a list of {what}")
            }
            Self::Unreachable(why) => format!("the API server cannot be reached: {why}"),
            Self::Cut => format!("the list of {what} broke off"),
            Self::Garbled => format!("the API server's list of {what} cannot be read"),
        }
    }

    /// What to do about it.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            Self::Forbidden => {
                Some("ask for the right to list them, or name namespaces that you may see with -n")
            }
            Self::Unauthenticated => Some("log in to the cluster again, until `kubectl auth whoami` works"),
            Self::Unreachable(_) => {
                Some("see whether `kubectl version` reaches it; --context names another cluster")
            }
            Self::Cut | Self::Expired | Self::Refused(..) => Some("run it again"),
            Self::Missing | Self::Garbled => None,
        }
    }
}

/// Without what an answer holds: it may quote objects, and that of a login command holds a token.
impl From<kube::Error> for Broken {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => match status.code {
                401 => Self::Unauthenticated,
                403 => Self::Forbidden,
                404 => Self::Missing,
                410 => Self::Expired,
                code => Self::Refused(code, status.reason.clone()),
            },
            kube::Error::Auth(AuthError::AuthExecRun { .. } | AuthError::AuthExecParse(_)) => {
                Self::Unreachable("the login command of the kubeconfig failed".to_owned())
            }
            kube::Error::HyperError(_) => Self::Cut,
            kube::Error::FromUtf8(_) | kube::Error::SerdeError(_) => Self::Garbled,
            error => Self::of_transport(&error),
        }
    }
}

impl Broken {
    /// The last of the causes says what happened; those before it say in which layer.
    fn of_transport(error: &kube::Error) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            if source.is::<AuthError>() {
                return Self::Unreachable("the login of the kubeconfig failed".to_owned());
            }
            if source.downcast_ref().is_some_and(hyper::Error::is_incomplete_message) {
                return Self::Cut;
            }
            cause = source;
        }
        Self::Unreachable(described(cause))
    }
}

//! Requests that get no review: what was wrong with them, as a status and a sentence.

use std::fmt::{self, Display};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::limits::MAX_BODY;
use super::metrics::Shed;
use super::record::{BadReview, Record};

/// Why a request was not reviewed. None of them holds contents of a body, except [`HttpRefusal::Unreadable`],
/// whose text goes to the sender of that body alone.
#[derive(Debug)]
pub(super) enum HttpRefusal {
    /// There is nothing at this path.
    NotFound,
    /// A review is sent with POST.
    Method,
    /// The content type is missing or not JSON.
    NotJson(Option<HeaderValue>),
    /// More than [`MAX_BODY`] bytes.
    TooLarge,
    /// The body did not arrive in this time.
    Slow(Duration),
    /// The connection broke while the body was read; nobody reads this answer.
    Broken,
    /// The bodies of all connections together are too large.
    Full,
    /// The review waited for a thread, or was judged, for longer than this.
    Late(Duration),
    /// The body is not an AdmissionReview.
    Unreadable(BadReview),
    /// The reviewer panicked; over what, if even that can be told.
    Panicked(Option<Box<Record>>),
}

impl HttpRefusal {
    /// The status of the response, and the label by which refusals are counted.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotJson(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::Late(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Panicked(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Why a busy server refused what it would have reviewed otherwise.
    pub(super) const fn shed(&self) -> Option<Shed> {
        match self {
            Self::Full => Some(Shed::Memory),
            Self::Late(_) => Some(Shed::Deadline),
            _ => None,
        }
    }
}

impl Display for HttpRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found: reviews are sent to /validate or /mutate"),
            Self::Method => f.write_str("method not allowed: an AdmissionReview is sent with POST"),
            Self::NotJson(None) => f.write_str("no content-type: an AdmissionReview is application/json"),
            Self::NotJson(Some(got)) => {
                write!(f, "content-type {got:?} is not application/json, which an AdmissionReview is")
            }
            Self::TooLarge => write!(f, "the body is larger than {MAX_BODY} bytes (7 MiB)"),
            Self::Slow(after) => write!(f, "the body did not arrive within {after:?}"),
            Self::Broken => f.write_str("the body ended early"),
            Self::Full => f.write_str("too many bytes of reviews in flight: try again"),
            Self::Late(after) => {
                write!(f, "the review was not judged within {after:?}: the server is busy")
            }
            Self::Unreadable(bad) => bad.fmt(f),
            Self::Panicked(_) => {
                f.write_str("internal error: the review panicked; the server's log says where")
            }
        }
    }
}

impl IntoResponse for HttpRefusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), format!("{self}\n")).into_response();
        let extra = match self {
            Self::Method => (header::ALLOW, HeaderValue::from_static("POST")),
            Self::Full => (header::RETRY_AFTER, HeaderValue::from_static("1")),
            _ => return response,
        };
        response.headers_mut().insert(extra.0, extra.1);
        response
    }
}

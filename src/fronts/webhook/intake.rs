//! From a request to a review, and from its answer to a response.

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, HeaderValue, Method, header};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::body::{self, Held};
use super::deadline::allowance;
use super::limits::{INLINE_BODY, Limits};
use super::log;
use super::metrics::{Counted, Metrics};
use super::record::{Answer, BadReview, Route};
use super::refusal::HttpRefusal;
use super::review::identify;
use super::trace::traceparent;
use crate::engine::object::ObjectRef;
use crate::fronts::cluster::Look;

/// Judges reviews. It is called on the reactor's threads for small bodies and on others for large ones,
/// so that it must neither block nor wait.
pub trait Reviewer: Send + Sync + 'static {
    /// Answers the AdmissionReview in `body`. `look` is what a look at the workload showed that the first answer
    /// rests on.
    ///
    /// # Errors
    /// When the envelope cannot be read, so that there is no uid to answer to.
    fn review(&self, route: Route, body: &[u8], look: Option<&Look>) -> Result<Answer, BadReview>;

    /// Looks at the workload that an answer [rests on](Answer::rests_on), as it is now. `None` if nobody can look,
    /// so that the answer stands.
    fn look<'a>(&'a self, _: &'a ObjectRef, _: Duration) -> Looking<'a> {
        Box::pin(ready(None))
    }
}

/// A look that goes on.
pub type Looking<'a> = Pin<Box<dyn Future<Output = Option<Look>> + Send + 'a>>;

/// What every request needs.
pub(super) struct Intake {
    reviewer: Arc<dyn Reviewer>,
    metrics: Arc<Metrics>,
    limits: Limits,
    /// Large reviews run at once: more than there are processors would only slow each other down.
    large: Arc<Semaphore>,
}

impl Intake {
    /// Requests are judged by `reviewer`.
    pub(super) fn new(reviewer: Arc<dyn Reviewer>, metrics: Arc<Metrics>, limits: Limits) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        let large = Arc::new(Semaphore::new(processors));
        Self { reviewer, metrics, limits, large }
    }

    /// `/validate`, `/mutate`, and 404 for everything else.
    pub(super) fn router(self: Arc<Self>) -> Router {
        let at = |route| {
            let intake = Arc::clone(&self);
            any(move |request| Arc::clone(&intake).respond(route, request))
        };
        let (validate, mutate) = (at(Route::Validate), at(Route::Mutate));
        Router::new()
            .route("/validate", validate)
            .route("/mutate", mutate)
            .fallback(move || std::future::ready(self.refuse(HttpRefusal::NotFound)))
    }

    async fn respond(self: Arc<Self>, route: Route, request: Request) -> Response {
        let _in_flight = Counted::new(&self.metrics.server.in_flight);
        match self.review(route, request).await {
            Ok(answer) => json(answer.body),
            Err(refusal) => self.refuse(refusal),
        }
    }

    async fn review(&self, route: Route, request: Request) -> Result<Answer, HttpRefusal> {
        let (head, body) = request.into_parts();
        if head.method != Method::POST {
            return Err(HttpRefusal::Method);
        }
        check_json(&head.headers)?;

        let arrived = Instant::now();
        let allowed = allowance(head.uri.query(), self.limits.body);
        let body = body::read(body, &self.metrics.server.body_bytes, self.limits.body_bytes);
        let body = timeout(allowed, body).await.map_err(|_| HttpRefusal::Slow(allowed))??;
        let body = Arc::new(body);

        let started = Instant::now();
        let left = || allowed.saturating_sub(arrived.elapsed());
        let late = |_| HttpRefusal::Late(allowed);
        let mut answer = timeout(left(), self.judge(route, &body, None)).await.map_err(late)??;
        // Rare: a ScaledObject that would be refused for its workload, or whose workload is not known.
        if let Some(target) = answer.rests_on.take()
            && let Some(look) = self.reviewer.look(&target, left()).await
        {
            answer = timeout(left(), self.judge(route, &body, Some(look))).await.map_err(late)??;
        }
        let elapsed = started.elapsed();
        self.metrics.reviews.observe(&answer.record, elapsed);
        log::review(&answer.record, traceparent(&head.headers), elapsed);
        Ok(answer)
    }

    /// Judges a small body at once and a large one on a thread of its own. A review that has begun is not interrupted
    /// when its deadline passes: its permit and its bytes stay taken until it ends.
    async fn judge(&self, route: Route, body: &Arc<Held>, look: Option<Look>) -> Result<Answer, HttpRefusal> {
        if body.bytes().len() <= INLINE_BODY {
            return guarded(&*self.reviewer, route, body.bytes(), look.as_ref());
        }
        // The semaphore is never closed; were it, judging without a permit would still be right.
        let permit = Arc::clone(&self.large).acquire_owned().await.ok();
        let (reviewer, body) = (Arc::clone(&self.reviewer), Arc::clone(body));
        let review = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            guarded(&*reviewer, route, body.bytes(), look.as_ref())
        });
        review.await.map_err(|_| HttpRefusal::Panicked(None))?
    }

    fn refuse(&self, refusal: HttpRefusal) -> Response {
        self.metrics.server.refused(refusal.status());
        if let Some(why) = refusal.shed() {
            self.metrics.server.shed(why);
        }
        match &refusal {
            HttpRefusal::Panicked(record) => {
                self.metrics.reviews.panics.inc();
                log::panicked(record.as_deref());
            }
            // What it says of the body may quote it, and stays between the client and us.
            HttpRefusal::Unreadable(_) => tracing::warn!("refused a body that is not an AdmissionReview"),
            HttpRefusal::Full | HttpRefusal::Late(_) => tracing::warn!("refused a review: {refusal}"),
            _ => tracing::debug!("refused a request: {refusal}"),
        }
        refusal.into_response()
    }
}

/// A rule that panics is caught where rules are run; this catches what is left, so that it costs one
/// request and not its connection.
fn guarded(
    reviewer: &dyn Reviewer,
    route: Route,
    body: &[u8],
    look: Option<&Look>,
) -> Result<Answer, HttpRefusal> {
    match catch_unwind(AssertUnwindSafe(|| reviewer.review(route, body, look))) {
        Ok(answer) => answer.map_err(HttpRefusal::Unreadable),
        // The envelope is read again, which may be what panicked.
        Err(_) => {
            let record = catch_unwind(|| identify(route, body)).ok().flatten();
            Err(HttpRefusal::Panicked(record.map(Box::new)))
        }
    }
}

/// Parameters, `; charset=utf-8`, are allowed.
fn check_json(headers: &HeaderMap) -> Result<(), HttpRefusal> {
    let found = headers.get(header::CONTENT_TYPE);
    let essence = found.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next());
    if essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(HttpRefusal::NotJson(found.cloned()))
}

fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(content_type: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        check_json(&headers).is_ok()
    }

    #[test]
    fn json_is_accepted_with_parameters_and_in_any_case() {
        assert!(accepted("application/json"));
        assert!(accepted("Application/JSON ; charset=utf-8"));
    }

    #[test]
    fn anything_else_is_not_json() {
        for content_type in ["", "text/plain", "application/jsonp", "application/yaml; application/json"] {
            assert!(!accepted(content_type), "{content_type}");
        }
        assert!(check_json(&HeaderMap::new()).is_err());
    }
}

//! An API server in memory, reached through kube's own client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use lagward_certs::cluster::{Cluster, Kind, Names, Registration};
use lagward_certs::issue::{KeyType, Order};
use lagward_certs::step::Plan;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tower::BoxError;

use crate::objects::{Objects, failure};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
/// What an API server needs to notice a bundle.
pub(crate) const SETTLE: Duration = Duration::from_secs(30);
pub(crate) const NAME: &str = "lagward.lagward.svc";

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It never arrives.
    Lost,
    /// It is carried out, and the answer never arrives.
    Unanswered,
    /// It is not allowed.
    Forbidden,
}

type Watcher = Box<dyn FnMut(&Objects, SystemTime) + Send>;

/// Shared by all clients.
#[derive(Clone)]
pub(crate) struct Api(Arc<Mutex<World>>);

pub(crate) struct World {
    pub(crate) objects: Objects,
    /// Every request that arrived.
    pub(crate) log: Vec<String>,
    /// What happens to the next requests, and to all further ones nothing.
    pub(crate) faults: VecDeque<Option<Fault>>,
    /// What is refused for good: the start of a line of the log.
    pub(crate) forbidden: Option<String>,
    started: Instant,
    epoch: SystemTime,
    /// Called after each change.
    pub(crate) watcher: Option<Watcher>,
}

impl Api {
    /// The manifests were applied just now. Time is tokio's, which a test may stop and move.
    pub(crate) fn installed() -> Self {
        Self(Arc::new(Mutex::new(World {
            objects: Objects::installed(),
            log: Vec::new(),
            faults: VecDeque::new(),
            forbidden: None,
            started: Instant::now(),
            // Years away from this machine's clock, which must not matter.
            epoch: SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000),
            watcher: None,
        })))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// A client whose requests all go through at once.
    pub(crate) fn cluster(&self) -> Cluster {
        self.gated(Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)))
    }

    /// A client each of whose requests takes a permit.
    pub(crate) fn gated(&self, gate: Arc<Semaphore>) -> Cluster {
        let api = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let (api, gate) = (api.clone(), Arc::clone(&gate));
            async move {
                gate.acquire().await?.forget();
                api.serve(request).await
            }
        });
        Cluster::new(Client::new(service, "lagward"), names())
    }

    async fn serve(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let line = format!("{} {}", head.method, head.uri.path());
        let mut world = self.world();
        let fault = world.faults.pop_front().flatten();
        if fault == Some(Fault::Lost) {
            return Err("connection refused".into());
        }
        world.log.push(line.clone());
        let is_forbidden = world.forbidden.as_ref().is_some_and(|start| line.starts_with(start));
        let (status, answer) = if is_forbidden || fault == Some(Fault::Forbidden) {
            failure(StatusCode::FORBIDDEN, "Forbidden", &format!("{line} is forbidden"))
        } else if head.uri.path() == "/version" {
            (StatusCode::OK, Value::Null)
        } else {
            world.objects.answer(head.method.as_str(), head.uri.path(), &body)
        };
        let now = world.now();
        if head.method != "GET" {
            world.changed();
        }
        if fault == Some(Fault::Unanswered) {
            return Err("connection reset".into());
        }
        let response = Response::builder().status(status).header("date", httpdate::fmt_http_date(now));
        Ok(response.body(Body::from(serde_json::to_vec(&answer)?))?)
    }
}

impl World {
    pub(crate) fn now(&self) -> SystemTime {
        self.epoch + self.started.elapsed()
    }

    /// Lets the watcher look.
    pub(crate) fn changed(&mut self) {
        let now = self.now();
        if let Some(watcher) = &mut self.watcher {
            watcher(&self.objects, now);
        }
    }

    /// Those requests that changed something.
    pub(crate) fn writes(&self) -> Vec<&str> {
        self.log.iter().map(String::as_str).filter(|line| !line.starts_with("GET")).collect()
    }
}

pub(crate) fn names() -> Names {
    let of = |kind| Registration { kind, name: "lagward".to_owned() };
    Names {
        namespace: "lagward".to_owned(),
        secret: "lagward-tls".to_owned(),
        registrations: vec![of(Kind::Validating), of(Kind::Mutating)],
        owner: Some("lagward-certs".to_owned()),
    }
}

pub(crate) fn plan() -> Plan {
    let order = Order { names: vec![NAME.to_owned()], lifetime: 90 * DAY, key_type: KeyType::P256 };
    Plan { order, renew_before: 30 * DAY }
}

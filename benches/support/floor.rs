//! The server that lagward is compared with, on lagward's own stack.

use std::borrow::Cow;
use std::io::stderr;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::lagward::fronts::cluster::Look;
use ::lagward::fronts::files::policy;
use ::lagward::fronts::webhook::intake::Reviewer;
use ::lagward::fronts::webhook::limits::Limits;
use ::lagward::fronts::webhook::policy_reviewer::LivePolicy;
use ::lagward::fronts::webhook::record::{Answer, BadReview, Record, Route};
use ::lagward::fronts::webhook::run::{CertificateSource, Config, Ready, run};
use ::lagward::fronts::webhook::shutdown::Shutdown;
use arc_swap::ArcSwap;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing_subscriber::EnvFilter;

pub(crate) fn live() -> LivePolicy {
    Arc::new(ArcSwap::from_pointee(policy::load(None).expect("the shipped policy")))
}

/// Serves on a free port until the process is told to end.
pub(crate) fn serve(
    reviewer: Arc<dyn Reviewer>,
    certificate: CertificateSource,
    on_ready: impl FnOnce(Ready) + Send + 'static,
) {
    // The subscriber of `lagward serve`: what is logged costs what it costs there.
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("info")).with_writer(stderr).init();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        cluster_name: None,
        listen: free,
        http_listen: free,
        certificate,
        limits: Limits { drain: Duration::ZERO, ..Limits::default() },
        reviewer,
        cluster: None,
        policy: (live(), None),
        clients: None,
        poll: Duration::from_secs(10),
        shutdown: Shutdown::new(),
        on_ready: Box::new(on_ready),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(config)).expect("it serves");
}

/// The least that a webhook can do: it finds the uid, and both objects as they stand.
pub(crate) struct Floor;

#[derive(Deserialize)]
struct Review<'a> {
    #[serde(borrow)]
    request: Request<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow, rename = "object")]
    _object: Option<&'a RawValue>,
    #[serde(borrow, rename = "oldObject")]
    _old_object: Option<&'a RawValue>,
}

impl Reviewer for Floor {
    fn review(&self, route: Route, body: &[u8], _: Option<&Look>) -> Result<Answer, BadReview> {
        let review: Review<'_> =
            serde_json::from_slice(body).map_err(|error| BadReview(error.to_string()))?;
        let uid = review.request.uid;
        let body = format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{{"uid":"{uid}","allowed":true}}}}"#
        );
        let record = Record { kind: "Deployment", operation: "UPDATE", ..Record::new(route, &uid, "hash") };
        Ok(Answer { body: body.into_bytes(), record, rests_on: None })
    }
}

//! Somebody else's mutating webhook, as platform teams have them: it sets an environment variable of Deployments.

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::Listener;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certs::{Authority, Identity};
use crate::client::RUNTIME;
use crate::cluster;
use crate::webhook::Registration;

/// What it sets, and to what.
pub(crate) const VARIABLE: &str = "KAFKA_SESSION_TIMEOUT_MS";
pub(crate) const VALUE: &str = "45000";
const LABEL: &str = "e2e.lagward.dev/injector";

/// How far it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// It sets what nobody has set.
    Supplies,
    /// It overwrites.
    Insists,
}

/// When it is called first. The API server calls mutating webhooks in the order of their configurations' names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    BeforeLagward,
    AfterLagward,
}

/// The label of a namespace whose Deployments it changes in this manner, at this turn.
pub(crate) fn label(manner: Manner, turn: Turn) -> (&'static str, &'static str) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| start().unwrap_or_else(|why| panic!("no injector: {why}")));
    (LABEL, name(manner, turn))
}

fn name(manner: Manner, turn: Turn) -> &'static str {
    match (turn, manner) {
        (Turn::BeforeLagward, Manner::Supplies) => "a-supplies",
        (Turn::BeforeLagward, Manner::Insists) => "a-insists",
        (Turn::AfterLagward, Manner::Supplies) => "z-supplies",
        (Turn::AfterLagward, Manner::Insists) => "z-insists",
    }
}

/// Serves for as long as the run lasts.
fn start() -> Result<(), String> {
    let identity = Authority::new().and_then(|it| it.sign()).map_err(|error| error.to_string())?;
    let acceptor = acceptor(&identity).map_err(|error| error.to_string())?;
    let tcp =
        RUNTIME.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).map_err(|error| error.to_string())?;
    let port = tcp.local_addr().map_err(|error| error.to_string())?.port();
    let routes = Router::new()
        .route("/Supplies", post(|body: Bytes| async move { answer(&body, Manner::Supplies) }))
        .route("/Insists", post(|body: Bytes| async move { answer(&body, Manner::Insists) }));
    RUNTIME.spawn(axum::serve(Tls { tcp, acceptor }, routes).into_future());
    let kubectl = cluster::shared().kubectl("default");
    for manner in [Manner::Supplies, Manner::Insists] {
        for turn in [Turn::BeforeLagward, Turn::AfterLagward] {
            let registration = Registration {
                name: name(manner, turn),
                webhook: "injector.e2e.lagward.dev",
                kind: "Mutating",
                resource: ["deployments", "apps", "v1"],
                url: format!("https://localhost:{port}/{manner:?}"),
                authority: &identity.authority,
                label: (LABEL, name(manner, turn)),
            };
            registration.apply(&kubectl)?;
        }
    }
    Ok(())
}

fn acceptor(identity: &Identity) -> Result<TlsAcceptor, Box<dyn std::error::Error>> {
    let cert = CertificateDer::from_pem_slice(identity.cert.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

struct Tls {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.tcp).await;
            // Whoever fails at the handshake may come again.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

fn answer(body: &[u8], manner: Manner) -> impl IntoResponse + use<> {
    let review: Value = serde_json::from_slice(body).unwrap_or_default();
    let request = &review["request"];
    let mut response = json!({"uid": request["uid"], "allowed": true});
    if let Some(operation) = operation(&request["object"], manner) {
        response["patchType"] = "JSONPatch".into();
        response["patch"] = BASE64_STANDARD.encode(json!([operation]).to_string()).into();
    }
    let review =
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
    ([(CONTENT_TYPE, "application/json")], review.to_string())
}

/// What it changes of a Deployment, if anything.
fn operation(deployment: &Value, manner: Manner) -> Option<Value> {
    const ENV: &str = "/spec/template/spec/containers/0/env";
    let variables = deployment.pointer(ENV)?.as_array()?;
    let wanted = json!({"name": VARIABLE, "value": VALUE});
    let Some(index) = variables.iter().position(|variable| variable["name"] == VARIABLE) else {
        return Some(json!({"op": "add", "path": format!("{ENV}/-"), "value": wanted}));
    };
    match manner {
        Manner::Insists if variables[index] != wanted => {
            Some(json!({"op": "replace", "path": format!("{ENV}/{index}"), "value": wanted}))
        }
        Manner::Insists | Manner::Supplies => None,
    }
}

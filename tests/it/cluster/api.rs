//! An API server that follows a script, over plain HTTP on the loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::{iter, pending};
use kube::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What it is asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: String,
}

impl Asked {
    pub(super) fn is_watch(&self) -> bool {
        self.query.contains("watch=true")
    }

    pub(super) fn is_about(&self, plural: &str) -> bool {
        self.path.ends_with(plural)
    }
}

/// What it answers.
pub(super) enum Answer {
    Json(u16, String),
    /// Events, one a line; then the stream ends or stays open.
    Events(Vec<String>, End),
    /// The beginning of a body; then the connection is gone.
    Cut(String),
    /// The same, and nobody listens any more.
    Gone(String),
    /// Nothing, ever.
    Silence,
}

#[derive(PartialEq)]
pub(super) enum End {
    Closed,
    Open,
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

#[derive(Clone)]
pub(super) struct Api {
    address: SocketAddr,
    script: Arc<Mutex<Arc<Script>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Ends the listener.
    gone: CancellationToken,
}

impl Api {
    pub(super) async fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let script: Arc<Script> = Arc::new(script);
        let api = Self {
            address,
            script: Arc::new(Mutex::new(script)),
            asked: Arc::default(),
            gone: CancellationToken::new(),
        };
        let router = Router::new().fallback({
            let api = api.clone();
            move |request: Request| api.clone().answer(request)
        });
        let serve = async move { axum::serve(listener, router).await };
        tokio::spawn(api.gone.clone().run_until_cancelled_owned(serve));
        api
    }

    /// From now on it follows another script.
    pub(super) fn turn(&self, script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        *self.script.lock().expect("a script") = Arc::new(script);
    }

    pub(super) fn config(&self) -> Config {
        Config::new(format!("http://{}", self.address).parse().expect("a URL"))
    }

    /// The same for a process.
    pub(super) fn kubeconfig(&self) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: it\n\
             contexts: [{{name: it, context: {{cluster: it, user: it}}}}]\n\
             users: [{{name: it, user: {{}}}}]\n\
             clusters: [{{name: it, cluster: {{server: \"http://{}\"}}}}]\n",
            self.address
        )
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a list").clone()
    }

    async fn answer(self, request: Request) -> Response {
        let uri = request.uri();
        let asked = Asked { path: uri.path().to_owned(), query: uri.query().unwrap_or_default().to_owned() };
        self.asked.lock().expect("a list").push(asked.clone());
        let script = Arc::clone(&self.script.lock().expect("a script"));
        match script(&asked) {
            Answer::Json(status, body) => response(status, Body::from(body)),
            Answer::Events(lines, end) => {
                let lines = iter(lines).map(|line| Ok::<_, Infallible>(format!("{line}\n")));
                let stream = match end {
                    End::Closed => lines.boxed(),
                    End::Open => lines.chain(pending()).boxed(),
                };
                response(200, Body::from_stream(stream))
            }
            Answer::Cut(beginning) => cut(beginning),
            Answer::Gone(beginning) => {
                self.gone.cancel();
                cut(beginning)
            }
            Answer::Silence => std::future::pending().await,
        }
    }
}

fn cut(beginning: String) -> Response {
    let gone = std::io::Error::other("the connection is gone");
    response(200, Body::from_stream(iter([Ok(beginning), Err(gone)])))
}

fn response(status: u16, body: Body) -> Response {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body).expect("a response")
}

/// A list of everything there is, at this version.
pub(super) fn list(version: u32, items: &[Value]) -> Answer {
    let list = json!({"kind": "List", "apiVersion": "v1",
        "metadata": {"resourceVersion": version.to_string()}, "items": items});
    Answer::Json(200, list.to_string())
}

/// One event of a watch.
pub(super) fn event(kind: &str, version: u32, object: &Value) -> String {
    let mut object = object.clone();
    object["metadata"]["resourceVersion"] = version.to_string().into();
    // The type comes first, as Go writes it.
    format!(r#"{{"type":"{kind}","object":{object}}}"#)
}

/// A refusal.
pub(super) fn status(code: u16, reason: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": reason,
        "reason": reason, "code": code})
}

pub(super) fn refusal(code: u16, reason: &str) -> Answer {
    Answer::Json(code, status(code, reason).to_string())
}

/// An empty cluster, in which nothing happens.
pub(super) fn quiet(asked: &Asked) -> Answer {
    if asked.is_watch() { Answer::Events(Vec::new(), End::Open) } else { list(1, &[]) }
}

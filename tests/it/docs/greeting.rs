//! `lagward serve` as the README starts it: what it says to type next is denied, both ways.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::root;
use super::scratch::Scratch;
use crate::webhook::Client;
use crate::webhook::anyone::Anyone;

#[tokio::test]
async fn what_serve_says_to_type_next_is_denied() {
    let serving = Serving::start();
    let mut words = serving.greeting.split_whitespace();
    let address = words.find_map(|word| word.strip_prefix("https://")).expect("an address").to_owned();
    let file = serving.greeting.split('@').nth(1).and_then(|rest| rest.lines().next()).expect("a file");
    let body = std::fs::read(root().join(file.trim())).expect("the file that is named");

    let host = address.split('/').next().expect("a host");
    let tcp = TcpStream::connect(host).await.expect("the port is open");
    let name = ServerName::try_from("localhost").expect("a name");
    let tls = trusting().connect(name, tcp).await.expect("the handshake");
    let request = http::Request::post("/validate").header("host", host);
    let request =
        request.header("content-type", "application/json").body(http_body_util::Full::new(body.into()));
    let response = Client::on(tls).await.send(request.expect("a request")).await;
    assert_eq!(response.status(), 200);
    assert!(
        response.body().contains("\"allowed\":false") && response.body().contains("LW301"),
        "{}",
        response.body()
    );

    // The program as it was started, which need not be on the PATH.
    let check =
        serving.greeting.lines().find_map(|line| line.trim().strip_prefix(env!("CARGO_BIN_EXE_lagward")));
    assert_eq!(Scratch::new().run(&format!("lagward{}", check.expect("a command"))).code, 1);
}

/// The real binary on free ports, ended when it is dropped.
struct Serving {
    child: Child,
    greeting: String,
}

impl Serving {
    fn start() -> Self {
        let flags =
            ["serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--watch=off", "--drain=0s"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
        let mut child = command
            .args(flags)
            .env_remove("LAGWARD_POLICY")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let mut greeting = String::new();
        for line in lines {
            greeting += &format!("{line}\n");
            if line.contains(" check ") {
                break;
            }
        }
        // From here on nobody reads its log, and it serves all the same.
        Self { child, greeting }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that trusts anybody, as `curl -k`.
fn trusting() -> TlsConnector {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(Anyone)).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

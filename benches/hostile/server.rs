//! The real `lagward serve` under attack.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::anyone::Anyone;

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) tls: TlsConnector,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
            .args(["serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--watch=off", "--log=json"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("lagward runs");
        let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let serving = log.find(|line| line.contains("\"serving\"")).expect("it serves");
        // It goes on writing, and must not wait for a reader.
        std::thread::spawn(move || log.for_each(drop));
        let serving: serde_json::Value = serde_json::from_str(&serving).expect("JSON");
        let address = serving["listen"].as_str().and_then(|text| text.parse().ok()).expect("an address");
        Self { child, address, tls: connector() }
    }

    pub(crate) async fn tcp(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.address).await
    }

    pub(crate) async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        dial(self.address, &self.tls).await
    }

    /// The most that it had in memory so far, in MB.
    pub(crate) fn peak_mb(&self) -> f64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs, on Linux");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a size");
        let kib: f64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number");
        kib * 1024.0 / 1e6
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn dial(address: SocketAddr, tls: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    tls.connect(ServerName::try_from("localhost").expect("a name"), tcp).await
}

fn connector() -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

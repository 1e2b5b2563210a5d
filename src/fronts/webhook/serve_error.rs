//! Why the webhook did not serve.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::certificate::CertificateError;
use super::clients::ClientsError;
use super::server::Aborted;

/// Why the webhook did not serve, or did not end as it should.
#[derive(Debug)]
pub enum ServeError {
    /// A port could not be opened.
    Listen {
        /// The flag that names the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// There is no certificate to serve.
    Certificate(CertificateError),
    /// Clients could not be verified.
    Clients(ClientsError),
    /// TLS could not be set up.
    Tls(rustls::Error),
    /// Signals could not be watched.
    Signals(io::Error),
    /// A second signal ended it at once.
    Aborted(Aborted),
}

impl ServeError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Listen { flag, source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => {
                    Some(format!("stop what listens there, or choose another port with {flag}"))
                }
                io::ErrorKind::PermissionDenied => Some(format!("choose a port from 1024 on with {flag}")),
                io::ErrorKind::AddrNotAvailable => {
                    Some(format!("choose an address of this machine with {flag}"))
                }
                _ => None,
            },
            Self::Certificate(error) => error.help().map(ToOwned::to_owned),
            Self::Clients(_) => {
                Some("--client-ca names a PEM file of one or more CA certificates".to_owned())
            }
            Self::Tls(_) | Self::Signals(_) | Self::Aborted(_) => None,
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, source, .. } => {
                write!(f, "cannot listen on {address}: ")?;
                match source.kind() {
                    io::ErrorKind::AddrInUse => f.write_str("address in use"),
                    io::ErrorKind::PermissionDenied => f.write_str("permission denied"),
                    io::ErrorKind::AddrNotAvailable => f.write_str("not an address of this machine"),
                    _ => source.fmt(f),
                }
            }
            Self::Certificate(error) => error.fmt(f),
            Self::Clients(error) => error.fmt(f),
            Self::Tls(error) => write!(f, "cannot set up TLS: {error}"),
            Self::Signals(error) => write!(f, "cannot watch for signals: {error}"),
            Self::Aborted(Aborted) => {
                f.write_str("ended at once by a second signal; requests in flight were dropped")
            }
        }
    }
}

impl std::error::Error for ServeError {}

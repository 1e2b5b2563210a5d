//! Free ports of the loopback.

use std::net::{Ipv4Addr, TcpListener};

/// `N` ports that nobody listens on, all different because all are held until the last one is found.
pub(crate) fn free<const N: usize>() -> Result<[u16; N], String> {
    let mut ports = [0; N];
    let mut held = Vec::with_capacity(N);
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .map_err(|error| format!("no free port on the loopback: {error}"))?;
        *port = listener.local_addr().map_err(|error| error.to_string())?.port();
        held.push(listener);
    }
    Ok(ports)
}

//! Whatever arrives on the port, the API server's next question is answered.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::fixtures::{INCIDENT, SHORT_SESSION};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![garbage_on_the_port_hurts_nobody, connections_that_say_nothing_hurt_nobody];

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

fn garbage_on_the_port_hurts_nobody() {
    let address = Policy::Shipped.shared().listen();
    let scene = Scene::under(Policy::Shipped);
    let plain = b"POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let cut_hello = vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01];
    let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for bytes in [plain, cut_hello, noise, vec![0; 65_536], vec![0xff; 3]] {
        for _ in 0..20 {
            let mut stream = connect(address);
            // The server may hang up in the middle: that is one of the right answers.
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(!answer.starts_with(b"HTTP/1.1 2"), "nothing is answered in the clear");
        }
        scene.kubectl.dry_run(INCIDENT).refused(&["LW201", "LW301"]);
        scene.kubectl.dry_run(SHORT_SESSION).refused(&["LW101"]);
    }
}

fn connections_that_say_nothing_hurt_nobody() {
    let address = Policy::Shipped.shared().listen();
    let scene = Scene::under(Policy::Shipped);
    let silent: Vec<TcpStream> = (0..200).map(|_| connect(address)).collect();
    scene.kubectl.dry_run(INCIDENT).refused(&["LW201", "LW301"]);
    // The workloads' webhook fails open: only a refusal proves that it was asked.
    scene.kubectl.dry_run(SHORT_SESSION).refused(&["LW101"]);
    drop(silent);
}

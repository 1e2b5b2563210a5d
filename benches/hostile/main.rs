//! What a client that means harm can do to a real `lagward serve`: `cargo bench --bench hostile` (docs/security.md).
//! Each attack has a server of its own. Prints its memory, and what somebody else had to wait meanwhile; exits with 1
//! when a figure is above its bar or somebody else got no answer.

#![expect(clippy::expect_used, reason = "an attack that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "the report")]

#[path = "../../tests/it/webhook/anyone.rs"]
mod anyone;
mod attack;
mod bystander;
mod server;

use std::process::ExitCode;

use attack::Attack;
use bystander::Bystander;
use server::Server;

/// What a server may hold in memory at any time, in MB: the limit of the shipped Deployment is 512 MiB.
const RESIDENT: f64 = 400.0;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("{:44}{:>8}{:>14}{:>16}", "", "at most", "others: asked", "longest answer");
    let mut is_good = true;
    for attack in Attack::ALL {
        is_good &= runtime.block_on(try_out(attack));
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn try_out(attack: Attack) -> bool {
    let server = Server::start().await;
    let bystander = Bystander::start(&server);
    let said = attack.run(&server).await;
    let served = bystander.end().await;
    let peak = server.peak_mb();
    println!(
        "{:44}{peak:>5.0} MB{:>14}{:>13.0} ms",
        attack.name(),
        served.answered,
        served.longest.as_secs_f64() * 1e3
    );
    println!("  {said}");
    for why in &served.failures {
        println!("  MISS: somebody else: {why}");
    }
    if peak > RESIDENT {
        println!("  MISS: more than {RESIDENT} MB");
    }
    served.failures.is_empty() && served.answered > 0 && peak <= RESIDENT
}

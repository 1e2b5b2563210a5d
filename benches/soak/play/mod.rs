//! The play: a mixed load on two instances of `lagward serve` behind a round robin, while everything changes that may
//! change while a webhook runs.

mod answers;
mod balancer;
mod client;
mod instance;
mod load;
mod mix;
mod report;
mod script;
mod truth;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use report::Report;

use balancer::Balancer;
use client::Client;
use load::Load;
use report::Notes;
use script::Stage;
use truth::Truth;

/// How it is played.
pub(crate) struct Plan {
    /// The program under test.
    pub(crate) lagward: PathBuf,
    /// Reviews a second, whatever happens.
    pub(crate) rate: u32,
    /// How long the load goes on before the first change, between two, and after the last.
    pub(crate) rest: Duration,
    /// After so many requests a client gives up its connection, so that there are handshakes at any time.
    pub(crate) requests: u32,
    /// How long a client waits for an answer: `timeoutSeconds` of a registration.
    pub(crate) timeout: Duration,
    /// How long it takes until nobody is sent any more to an instance that is not ready.
    pub(crate) endpoints_delay: Duration,
    /// `--drain` of the instances.
    pub(crate) drain: Duration,
    /// `--poll` of the instances.
    pub(crate) poll: Duration,
    /// Says what happens.
    pub(crate) say: fn(&str),
}

/// Plays it to the end.
///
/// # Errors
/// When the script cannot go on, such as for a change that never arrives: what was answered counts no more then.
pub(crate) async fn play(plan: Plan) -> Result<Report, String> {
    let plan = Arc::new(plan);
    let truth = Arc::new(Truth::new());
    let balancer = Arc::new(Balancer::start().await);
    let mut stage = Stage::new(&plan, &truth, &balancer).await?;
    let notes = Arc::new(Notes::default());
    let client = Arc::new(Client::new(balancer.address, &plan, &truth, &notes));
    let load = Load::start(plan.rate, client, &truth, &notes);
    let ended = stage.run().await;
    load.end().await;
    // What the instances have to say explains what failed.
    let ended = ended.and(stage.end().await);
    ended.map_err(|why| format!("{why}\n{}", notes.failures().join("\n")))?;
    Ok(notes.report())
}

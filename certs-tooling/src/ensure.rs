//! One pass: goes on until there is nothing left to do.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::cluster::{self, Cluster};
use crate::issue::issue;
use crate::step::{Plan, Step, Why, decide};

/// More than any pass needs, conflicts included; who reaches it is undone by somebody else again and again.
const STEPS: u32 = 40;

/// What a pass does beside what has to be true.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Whether to replace the certificate although it is fine.
    pub rotate: bool,
    /// How long API servers need to see a new bundle.
    pub settle: Duration,
}

/// What a pass found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it did, in order.
    pub done: Vec<Done>,
    /// When the next pass has something to do, if nobody changes anything.
    pub until: SystemTime,
    /// How many CAs the API server trusts.
    pub trusted: usize,
}

/// Something that a pass did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// (a)
    Issued(Why),
    /// (b)
    Published,
    /// (c)
    Promoted,
    /// (d), or a repair.
    Tidied,
}

/// Why a pass did not come to its end. The next one goes on from there.
#[derive(Debug)]
pub enum Error {
    /// The API server.
    Cluster(cluster::Error),
    /// A certificate could not be made.
    Issue(rcgen::Error),
    /// Somebody undoes what it does.
    Restless,
}

/// Does what [`decide`] says until it says to rest.
///
/// # Errors
/// When the API server refuses or cannot be reached, or a name cannot stand in a certificate. Nothing is half
/// written then: every step is one write, guarded by the version that it follows from.
pub async fn ensure(cluster: &Cluster, plan: &Plan, wish: Wish) -> Result<Report, Error> {
    let mut done = Vec::new();
    let mut rotate = wish.rotate;
    let mut settled: Option<Vec<String>> = None;
    for _ in 0..STEPS {
        let snapshot = cluster.read().await.map_err(Error::Cluster)?;
        let versions = snapshot.versions();
        // Not if anybody has touched a configuration while this waited, even if it looks the same again.
        let is_settled = settled.take().is_some_and(|settled| settled == versions);
        let step = decide(&snapshot.seen, is_settled, rotate, plan);
        tracing::debug!(?versions, step = name(&step), "step");
        let acted = match step {
            Step::Rest(until) => {
                return Ok(Report { done, until, trusted: snapshot.seen.state.bundle.len() });
            }
            Step::Settle => {
                tokio::time::sleep(wish.settle).await;
                settled = Some(versions);
                continue;
            }
            Step::Publish => cluster.publish(&snapshot).await.map(|()| Done::Published),
            Step::Promote(state) => cluster.write(snapshot, &state).await.map(|()| Done::Promoted),
            Step::Tidy(state) => cluster.write(snapshot, &state).await.map(|()| Done::Tidied),
            Step::Issue { bundle, why } => {
                let issued = issue(&plan.order, snapshot.seen.now).map_err(Error::Issue)?;
                let state = snapshot.seen.state.clone().with_next(bundle, issued);
                let written = cluster.write(snapshot, &state).await;
                rotate &= written.is_err();
                written.map(|()| Done::Issued(why))
            }
        };
        match acted {
            Ok(what) => {
                tracing::info!("{what}");
                done.push(what);
            }
            Err(error) if error.is_conflict() => tracing::debug!("{error}: reading again"),
            Err(error) => return Err(Error::Cluster(error)),
        }
    }
    Err(Error::Restless)
}

const fn name(step: &Step) -> &'static str {
    match step {
        Step::Issue { .. } => "issue",
        Step::Tidy(_) => "tidy",
        Step::Publish => "publish",
        Step::Settle => "settle",
        Step::Promote(_) => "promote",
        Step::Rest(_) => "rest",
    }
}

impl Error {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.help(),
            Self::Issue(_) => None,
            Self::Restless => Some(
                "see who else writes the Secret or the caBundle: kubectl get --show-managed-fields"
                    .to_owned(),
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster(error) => error.fmt(f),
            Self::Issue(error) => write!(f, "cannot make a certificate: {error}"),
            Self::Restless => f.write_str("another program undoes each step: stopped for now"),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued(why) => write!(f, "issued a CA and a certificate, because {why}"),
            Self::Published => f.write_str("applied the bundle to the webhook configurations"),
            Self::Promoted => f.write_str("put the new certificate in the place of the served one"),
            Self::Tidied => f.write_str("tidied the Secret"),
        }
    }
}

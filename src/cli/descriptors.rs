//! File descriptors, of which each connection takes one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process have as many as it may ask for. The soft limit is often 1024, for the sake of programs that use
/// select(2): a webhook would accept nobody beyond it. Go's runtime lifts it likewise.
pub(super) fn lift() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, limit = limit.current, "cannot have more file descriptors");
    }
}

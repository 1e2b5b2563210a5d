//! Issues and rotates the certificate of lagward's webhook, and keeps the API server's trust in it.
//!
//! One Secret holds the state, and every write of it is guarded by its resource version:
//!
//! - (a) a new CA and leaf go to `next.*`, and the CA into the bundle `ca.crt` beside the current one;
//! - (b) the bundle is applied to the webhook configurations, and every API server is given time to see it;
//! - (c) `next.*` becomes `tls.*`, which is what the webhook mounts;
//! - (d) a CA leaves the bundle once its leaf has expired.
//!
//! What is pure comes first: [`issue`] makes certificates, [`bundle`] and [`leaf`] read them, [`state`] is what the
//! Secret holds, [`step`] decides what to do next. [`cluster`] reads and writes, [`ensure`] goes on until there is
//! nothing left to do, [`run`] does that for ever, and [`verify`] looks at the outcome as the API server does.

pub mod bundle;
pub mod issue;
pub mod leaf;
pub mod state;
pub mod step;

pub mod cluster;
pub mod ensure;
pub mod metrics;
pub mod run;
pub mod verify;

pub mod cli;

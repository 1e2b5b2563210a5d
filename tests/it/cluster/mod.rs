//! The cluster as World: the store alone, the watches against an API server that follows a script, and what a look
//! at a workload changes.

mod api;
mod audit_findings;
mod audit_gaps;
mod audit_run;
mod looking;
mod serving;
mod snapshot;
mod watches;

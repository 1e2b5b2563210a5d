//! The pure engine: no files, network, environment, clock or async. A test holds it to that.

pub mod place;

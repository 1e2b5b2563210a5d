//! Reviews, bytes to bytes.

mod durations;
mod envelopes;
mod floods;
mod messages;
mod mutating;
mod occasions;
mod oddities;
mod ratchet;

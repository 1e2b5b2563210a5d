//! The files front: YAML and JSON in, findings with exact lines out.
//!
//! [`check::check`] judges everything that was read; [`policy`] reads what it is judged by, and [`baseline`] knows what
//! was there before. [`rendering`] runs helm and kustomize.
//! [`collect`] turns paths into texts, [`parse`] any text into documents that know where each value stands, and
//! [`objects`] finds the Kubernetes objects in them. [`fix::fix`] makes the fixes that findings offer, [`splice`] in the text as it
//! is written, and [`mod@write`] puts the result back. Below `parse`: `build` makes one value and its spans of the
//! parser's events, with `scalar` (what an unquoted word means to kubectl), `merge` (`<<`), `copies` (aliases) and
//! `extent` (bytes).

pub mod baseline;
mod build;
pub mod check;
mod configs;
mod copies;
mod court;
mod extent;
pub mod fix;
mod fluent_bit;
mod gather;
pub mod inputs;
mod lines;
mod mend;
mod merge;
mod nearest;
mod neighbours;
mod node;
mod objects;
pub mod policy;
mod properties;
mod read;
mod refusal;
pub mod rendering;
mod scalar;
mod secrets;
pub mod splice;
mod stream;
pub mod suggest;
mod tree;
mod unheeded;
mod unread;
pub mod upwards;
pub mod write;

pub(crate) use neighbours::labels;
pub(crate) use neighbours::{Autoscaler, Neighbour};
pub use neighbours::{KafkaTopic, KedaAutoscaler};
pub use read::{Origin, Source, collect};
pub use rendering::by_template;
pub use unread::Unread;

pub use objects::{Object, objects};

pub use stream::{SyntaxError, parse};
pub use tree::Document;

pub use lines::{Lines, line_column};
pub use node::Style;

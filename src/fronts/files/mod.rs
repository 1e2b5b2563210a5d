//! The files front: YAML and JSON in, findings with exact lines out.
//!
//! [`collect`] turns paths into texts, [`objects`] texts into Kubernetes objects, [`parse`] any text into documents
//! that know where each value stands. Below `parse`: `build` makes one value and its spans of the parser's events,
//! with `scalar` (what an unquoted word means to kubectl), `merge` (`<<`), `copies` (aliases) and `extent` (bytes).

mod build;
mod copies;
mod extent;
mod lines;
mod merge;
mod node;
mod objects;
mod read;
mod refusal;
mod scalar;
mod stream;
mod template;
mod tree;
mod unread;

pub use read::{Source, collect};
pub use unread::Unread;

pub use objects::{Manifest, Object, objects};

pub use stream::{SyntaxError, parse};
pub use tree::Document;

pub use lines::{Lines, line_column};
pub use node::Style;

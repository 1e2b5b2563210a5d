//! The files front: YAML and JSON in, findings with exact lines out.
//!
//! A text goes through three hands: [`tree`] reads it to documents that know where each value stands, through
//! [`build`] (events to values), [`scalar`] (what an unquoted word means) and [`node`] (spans); [`lines`] turns
//! offsets into lines.

mod build;
mod copies;
mod extent;
mod lines;
mod merge;
mod node;
mod refusal;
mod scalar;
mod stream;
mod tree;

pub use lines::{Lines, line_column};
pub use node::Style;
pub use stream::{SyntaxError, parse};
pub use tree::Document;

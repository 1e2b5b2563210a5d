//! The files front: YAML and JSON in, findings with exact lines out.
//!
//! A text goes through three hands: [`tree`] reads it to documents that know where each value stands, through
//! [`build`] (events to values), [`scalar`] (what an unquoted word means) and [`node`] (spans); [`lines`] turns
//! offsets into lines.

mod build;
mod lines;
mod node;
mod scalar;
mod tree;

pub use lines::{Lines, line_column};
pub use node::Style;
pub use tree::{Document, SyntaxError, parse};

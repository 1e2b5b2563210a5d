//! Templates and what is rendered of them.
//!
//! `programs` runs helm and kustomize, `split` takes Helm's output apart by the templates that `heading` finds named in
//! it. `provenance` asks whether a text was rendered, `unrendered` whether it still is a template.

mod heading;
mod programs;
mod provenance;
mod split;
mod unrendered;

pub use programs::{Helm, Kustomize, RenderError};
pub use split::by_template;

pub(super) use provenance::{Rendered, rendered};
pub(super) use unrendered::template_line;

//! The files front: YAML and JSON in, findings with exact lines out.

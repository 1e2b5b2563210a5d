//! The `lagward` command.

fn main() {}

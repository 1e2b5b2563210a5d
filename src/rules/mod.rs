//! The rules: each a `.rs` with its page beside it, and one line here.

use crate::engine::rule::Rule;

/// Declares the modules and collects their rules in this order.
macro_rules! rules {
    ($($module:ident,)*) => {
        $(mod $module;)*
        /// Every rule, in the order of its code.
        pub static RULES: &[&Rule] = &[$(&$module::RULE,)*];
    };
}

rules! {
    lw201_min_replicas_too_low,
}

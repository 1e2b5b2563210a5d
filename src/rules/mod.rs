//! The rules: each a `.rs` with its page beside it, and one line here.

mod timing;

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
    lw101_session_timeout_below_grace,
    lw102_session_timeout_too_long,
    lw103_session_timeout_undeclared,
    lw104_session_timeout_mismatch,
    lw105_session_timeout_out_of_broker_range,
    lw108_grace_period_too_short,
    lw201_min_replicas_too_low,
    lw202_max_replicas_unbounded,
    lw203_replica_bounds_inverted,
    lw301_lag_threshold_too_low,
    lw302_lag_threshold_too_high,
    lw303_activation_without_effect,
    lw304_unknown_trigger_key,
    lw305_misplaced_trigger_key,
    lw306_invalid_trigger_value,
    lw307_conflicting_trigger_keys,
}

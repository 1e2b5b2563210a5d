//! The rules: each a `.rs` with its page beside it, and one line here.

mod lag;
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
    lw106_heartbeat_too_slow,
    lw107_poll_interval_below_session_timeout,
    lw108_grace_period_too_short,
    lw109_classic_timeouts_with_consumer_protocol,
    lw110_pod_name_as_static_member,
    lw111_shared_static_member,
    lw112_autoscaled_member_never_leaves,
    lw113_sigterm_not_forwarded,
    lw114_ambiguous_timeout_unit,
    lw115_setting_without_effect,
    lw201_min_replicas_too_low,
    lw202_max_replicas_unbounded,
    lw203_replica_bounds_inverted,
    lw204_idle_replicas_not_zero,
    lw205_scale_down_too_eager,
    lw206_replicas_fight_autoscaler,
    lw207_interval_without_effect,
    lw208_dangling_scale_target,
    lw209_contested_scale_target,
    lw210_scale_up_too_eager,
    lw211_paused_by_annotation,
    lw212_autoscaler_bounds_drifted,
    lw301_lag_threshold_too_low,
    lw302_lag_threshold_too_high,
    lw303_activation_without_effect,
    lw304_unknown_trigger_key,
    lw305_misplaced_trigger_key,
    lw306_invalid_trigger_value,
    lw307_conflicting_trigger_keys,
    lw308_trigger_follows_another_group,
    lw309_offset_reset_mismatch,
    lw310_unquoted_string,
    lw311_topic_missing,
    lw312_env_source_unresolved,
    lw313_lag_metric_type,
    lw314_formula_capped_by_lag_threshold,
    lw401_kube_state_metrics_labels_missing,
    lw402_pods_without_scaler_label,
}

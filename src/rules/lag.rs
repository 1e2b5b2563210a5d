//! Between what lagThreshold makes sense. Rules take their bounds from here, so that what one asks for passes the other.

use super::{lw301_lag_threshold_too_low as lw301, lw302_lag_threshold_too_high as lw302};
use crate::engine::cost;
use crate::engine::rule::Cx;
use crate::engine::scaler::{Scaler, Trigger};

/// With a formula, or another metric type, lagThreshold is not the lag per replica that the HPA aims at.
pub(super) fn is_not_lag_per_replica(trigger: &Trigger, scaler: &Scaler) -> bool {
    scaler.formula.is_some() || !trigger.is_average
}

/// Between what lagThreshold makes sense.
pub(super) struct Bounds {
    /// Below it, lag that is always there asks for pods.
    pub(super) low: i64,
    /// Above it, messages wait longer than the team accepts; `None` where that is not declared.
    pub(super) high: Option<i64>,
    /// Where the lower bound comes from, if it is not the policy's.
    pub(super) reason: &'static str,
    /// The messages that are always lag, and the pods that share them, where these make the lower bound.
    pub(super) uncommitted: Option<(i64, i64)>,
}

impl Bounds {
    pub(super) fn of(scaler: &Scaler, cx: &mut Cx<'_>) -> Self {
        let mut low = cx.get(&lw301::MIN);
        let mut reason = "";
        let uncommitted =
            uncommitted(scaler, cx).filter(|(messages, pods)| cost::share(*messages, *pods) > low);
        if let Some((messages, pods)) = uncommitted {
            low = cost::share(messages, pods);
            reason = " (what a pod has processed and not yet committed at the declared peak)";
        }
        let high = match (cx.max_delay(), cx.message_time()) {
            (Some(delay), Some(time)) => Some(cost::messages_in(delay, time)),
            _ => None,
        };
        match high {
            Some(high) if high < low => {
                let reason = " (the declared max-delay / message-time)";
                Self { low: high, high: Some(high), reason, uncommitted: None }
            }
            _ => Self { low, high, reason, uncommitted },
        }
    }

    /// Never more than LW302 lets pass.
    pub(super) fn mended(&self, cx: &Cx<'_>) -> i64 {
        cx.get(&lw301::RECOMMENDED).min(self.most(cx)).max(self.low)
    }

    /// The lower bound is the stronger one: what LW301 asks for is never too high.
    pub(super) fn most(&self, cx: &Cx<'_>) -> i64 {
        self.high.unwrap_or_else(|| cx.get(&lw302::MAX)).max(self.low)
    }
}

/// The messages that are always "lag", since they are processed but not yet committed (peak x commit interval), and
/// the pods that can have a partition.
fn uncommitted(scaler: &Scaler, cx: &mut Cx<'_>) -> Option<(i64, i64)> {
    let (rate, interval) = (cx.peak_rate()?, cx.commit_interval()?);
    let max = scaler.max.value().copied()?;
    let pods = max.min(cx.partitions(scaler).unwrap_or(max)).max(1);
    Some((cost::uncommitted(rate, interval), pods))
}

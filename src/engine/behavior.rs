//! How fast the HPA may change the number of pods: `spec.advanced.horizontalPodAutoscalerConfig.behavior`, which
//! KEDA copies into the HPA (`newHPAForScaledObject`, controllers/keda/hpa.go, v2.20.2).

use super::finding::Gap;
use super::object::integer_field;
use super::place::Place;
use super::setting::Setting;
use super::views;

/// Both directions.
#[derive(Clone, Debug)]
pub struct Behavior {
    /// `scaleUp`.
    pub up: ScalingRules,
    /// `scaleDown`.
    pub down: ScalingRules,
}

/// What holds in one direction.
#[derive(Clone, Debug)]
pub struct ScalingRules {
    direction: Direction,
    /// `stabilizationWindowSeconds`; the HPA's default is 0 for scaling up and 300 for scaling down.
    pub window: Setting<i64>,
    /// `selectPolicy`; the HPA's default is Max.
    pub select: Select,
    /// The policies as written. Where there are none the HPA's own apply: all pods may go, or their number may
    /// double (or grow by 4), in 15 s (pkg/apis/autoscaling/v2/defaults.go, Kubernetes v1.34.4). An empty list is
    /// none: KEDA's copy leaves it out (`omitempty`).
    pub policies: Box<[ScalingPolicy]>,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// `selectPolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Select {
    /// The policy that changes most.
    Max,
    /// The policy that changes least.
    Min,
    /// No change in this direction; KEDA writes it while an annotation pauses the direction.
    Disabled,
    /// Something that the HPA API does not know.
    Other(Box<str>),
}

/// One of `policies`.
#[derive(Clone, Debug)]
pub struct ScalingPolicy {
    /// `policies[i]`.
    pub place: Place,
    /// `type`: `Pods`, `Percent`, or what the HPA API refuses; `None` where it is missing.
    pub kind: Option<Box<str>>,
    /// `value`.
    pub value: Setting<i64>,
    /// `periodSeconds`.
    pub period: Setting<i64>,
}

/// The HPA's default window for scaling down, in seconds (`--horizontal-pod-autoscaler-downscale-stabilization`).
pub const DEFAULT_DOWN_WINDOW: i64 = 300;

impl Behavior {
    pub(crate) fn distil(view: &views::Behavior<'_>, annotations: &views::Strings<'_>) -> Self {
        let is_paused =
            |name| annotations.get(name).is_some_and(|value| super::scaler::is_true_or_odd(&value.raw()));
        let mut up = ScalingRules::distil(&view.up, Direction::Up);
        let mut down = ScalingRules::distil(&view.down, Direction::Down);
        if is_paused("autoscaling.keda.sh/paused-scale-out") {
            up.select = Select::Disabled;
        }
        if is_paused("autoscaling.keda.sh/paused-scale-in") {
            down.select = Select::Disabled;
        }
        Self { up, down }
    }
}

impl ScalingRules {
    fn distil(view: &views::ScalingRules<'_>, direction: Direction) -> Self {
        let default = if direction == Direction::Up { 0 } else { DEFAULT_DOWN_WINDOW };
        let window =
            match integer_field(&view.window, || place(direction).field("stabilizationWindowSeconds")) {
                Setting::Unknown(_) => Setting::Defaulted { value: default },
                setting => setting,
            };
        let select = match view.select.as_str() {
            None | Some("Max") => Select::Max,
            Some("Min") => Select::Min,
            Some("Disabled") => Select::Disabled,
            Some(other) => Select::Other(other.into()),
        };
        let policies = view.policies.iter().take(views::MOST_ITEMS).enumerate();
        let policies = policies.map(|(index, policy)| {
            let place = place(direction).field("policies").item(index, None);
            ScalingPolicy {
                kind: (policy.kind != views::Scalar::Absent).then(|| policy.kind.raw().into()),
                value: integer_field(&policy.value, || place.field("value")),
                period: integer_field(&policy.period, || place.field("periodSeconds")),
                place,
            }
        });
        Self { direction, window, select, policies: policies.collect() }
    }

    /// Where it is, or would be.
    pub fn place(&self) -> Place {
        place(self.direction)
    }

    /// What the HPA API refuses (`validateScalingRules`, pkg/apis/autoscaling/validation, Kubernetes v1.34.4), and what
    /// of a policy is missing. The schema of a ScaledObject asks for all three fields of a policy and has none of the
    /// bounds (config/crd/bases, KEDA v2.20.2).
    pub fn refused(&self) -> Vec<HpaRefusal> {
        let mut refused = Vec::new();
        refused.extend(outside(&self.window, 0, 3600));
        if let Select::Other(text) = &self.select {
            let place = self.place().field("selectPolicy");
            refused.push(HpaRefusal::text(place, text, "must be Max, Min or Disabled"));
        }
        for policy in &self.policies {
            match &policy.kind {
                None => refused.push(HpaRefusal::missing(policy, "type")),
                Some(kind) if matches!(&**kind, "Pods" | "Percent") => {}
                Some(other) => {
                    let place = policy.place.field("type");
                    refused.push(HpaRefusal::text(place, other, "must be Pods or Percent"));
                }
            }
            for (field, setting) in [("value", &policy.value), ("periodSeconds", &policy.period)] {
                if setting.is_undeclared() {
                    refused.push(HpaRefusal::missing(policy, field));
                }
            }
            refused.extend(outside(&policy.value, 1, i64::from(i32::MAX)));
            refused.extend(outside(&policy.period, 1, 1800));
        }
        refused
    }

    /// Whether only policies like these can be chosen, or none at all.
    pub fn allows_only(&self, slow: impl Fn(&ScalingPolicy) -> bool) -> bool {
        match self.select {
            Select::Disabled => true,
            Select::Min => self.policies.iter().any(slow),
            Select::Max | Select::Other(_) => !self.policies.is_empty() && self.policies.iter().all(slow),
        }
    }
}

/// A value that the HPA API refuses.
#[derive(Clone, Debug)]
pub struct HpaRefusal {
    /// Where.
    pub place: Place,
    /// What is there: the end of a sentence.
    pub found: String,
    /// The API server refuses the ScaledObject for it, not only the HPA.
    pub is_by_schema: bool,
    /// What passes.
    pub want: String,
    /// How far away that is.
    pub gap: Gap,
}

impl HpaRefusal {
    fn text(place: Place, written: &str, want: &str) -> Self {
        let (found, gap) = (format!("is {written:?}"), Gap::Value(written.to_owned()));
        Self { place, found, is_by_schema: false, want: want.to_owned(), gap }
    }

    fn missing(policy: &ScalingPolicy, field: &'static str) -> Self {
        Self {
            place: policy.place.field(field),
            found: "is not set".to_owned(),
            is_by_schema: true,
            want: "a policy has a type, a value and periodSeconds".to_owned(),
            gap: Gap::Value(String::new()),
        }
    }
}

fn outside(setting: &Setting<i64>, least: i64, most: i64) -> Option<HpaRefusal> {
    let (value, written) = setting.set()?;
    let distance =
        if *value < least { value.abs_diff(least) } else { value.saturating_sub(most).max(0).unsigned_abs() };
    (distance > 0).then(|| HpaRefusal {
        place: written.place.clone(),
        found: format!("is {}", written.raw),
        is_by_schema: false,
        want: if most == i64::from(i32::MAX) {
            format!("must be at least {least}")
        } else {
            format!("must be {least} to {most}")
        },
        gap: Gap::Distance(distance.into()),
    })
}

fn place(direction: Direction) -> Place {
    let behavior = Place::fields(&["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"]);
    behavior.field(if direction == Direction::Up { "scaleUp" } else { "scaleDown" })
}

//! Typed parameters of rules.

use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::discover;
use crate::engine::duration::{self, Form, Unit};

/// A parameter of a rule, a static that the rule and the policy share; its address is its identity.
#[derive(Debug)]
pub struct Param<T: 'static> {
    /// The key in the policy.
    pub key: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// What applies when no policy sets it.
    pub default: T,
    /// What it may be.
    pub range: RangeInclusive<T>,
}

/// A ratio with three decimals, so that all arithmetic stays in integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    /// Thousandths.
    pub thousandths: u64,
}

impl Ratio {
    /// `ceil(self * value)`, in whole milliseconds.
    pub fn of(self, value: Duration) -> Duration {
        let millis = value.as_millis().saturating_mul(u128::from(self.thousandths)).div_ceil(1000);
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:03}", self.thousandths % 1000);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{}", self.thousandths / 1000),
            fraction => write!(f, "{}.{fraction}", self.thousandths / 1000),
        }
    }
}

/// A value that a policy sets.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// A whole number.
    Int(i64),
    /// A duration.
    Span(Duration),
    /// A ratio.
    Ratio(Ratio),
    /// Yes or no.
    Flag(bool),
    /// A name: of an environment variable, of a label.
    Name(Cow<'static, str>),
}

/// A type that a parameter can have.
pub trait ParamValue: Clone + PartialOrd + Debug + Sync + Send + 'static {
    /// How the policy writes it, for messages.
    const FORM: &'static str;
    /// Reads what the policy wrote.
    fn read(value: &Value) -> Option<Self>;
    /// As the policy would write it.
    fn show(&self) -> String;
    /// Its JSON Schema.
    fn schema(range: &RangeInclusive<Self>) -> Value;
    /// For keeping.
    fn store(self) -> Stored;
    /// Back from keeping.
    fn load(stored: &Stored) -> Option<Self>;
}

/// A parameter without its type.
pub trait Parameter: Sync + Debug {
    /// The key in the policy.
    fn key(&self) -> &'static str;
    /// One sentence.
    fn doc(&self) -> &'static str;
    /// The default as the policy would write it.
    fn default_text(&self) -> String;
    /// Its JSON Schema.
    fn schema(&self) -> Value;
    /// Reads what the policy wrote.
    ///
    /// # Errors
    /// Says what it must be.
    fn read(&self, value: &Value) -> Result<Stored, String>;
    /// Its identity.
    fn address(&self) -> usize;
}

impl<T: ParamValue> Param<T> {
    /// The address, which is the same for every reference to a static.
    pub fn address(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<T: ParamValue> Parameter for Param<T> {
    fn key(&self) -> &'static str {
        self.key
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn default_text(&self) -> String {
        self.default.show()
    }

    fn schema(&self) -> Value {
        let mut schema = T::schema(&self.range);
        schema["description"] = json!(format!("{} Default: {}.", self.doc, self.default.show()));
        schema
    }

    fn read(&self, value: &Value) -> Result<Stored, String> {
        let read = T::read(value).ok_or_else(|| format!("must be {}", T::FORM))?;
        if !self.range.contains(&read) {
            let (low, high) = (self.range.start().show(), self.range.end().show());
            return Err(format!("must be from {low} to {high}"));
        }
        Ok(read.store())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl ParamValue for i64 {
    const FORM: &'static str = "a whole number";
    fn read(value: &Value) -> Option<Self> {
        value.as_i64()
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn schema(range: &RangeInclusive<Self>) -> Value {
        json!({"type": "integer", "minimum": range.start(), "maximum": range.end()})
    }
    fn store(self) -> Stored {
        Stored::Int(self)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Int(value) => Some(*value),
            _ => None,
        }
    }
}

impl ParamValue for Duration {
    const FORM: &'static str = "a duration such as 60s";
    fn read(value: &Value) -> Option<Self> {
        match value.as_str()? {
            // No duration of an object is zero, but a margin may be.
            "0s" => Some(Self::ZERO),
            text => duration::parse(text, Unit::Go).ok().map(|(value, _)| value),
        }
    }
    fn show(&self) -> String {
        duration::write(*self, Form::Go)
    }
    fn schema(_: &RangeInclusive<Self>) -> Value {
        json!({"type": "string", "pattern": "^([0-9.]+(ms|s|m|h))+$"})
    }
    fn store(self) -> Stored {
        Stored::Span(self)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Span(value) => Some(*value),
            _ => None,
        }
    }
}

impl ParamValue for Ratio {
    const FORM: &'static str = "a number with at most three decimals";
    fn read(value: &Value) -> Option<Self> {
        let scaled = value.as_f64()? * 1000.0;
        let whole = scaled.round();
        // A fourth decimal would be a difference of at least 0.1 here; rounding errors are far smaller.
        let fits = (scaled - whole).abs() < 1e-6 && (0.0..1e9).contains(&whole);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
        fits.then_some(Self { thousandths: whole as u64 })
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn schema(range: &RangeInclusive<Self>) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "ranges of ratios are small")]
        let number = |ratio: &Self| ratio.thousandths as f64 / 1000.0;
        let (low, high) = (number(range.start()), number(range.end()));
        json!({"type": "number", "minimum": low, "maximum": high})
    }
    fn store(self) -> Stored {
        Stored::Ratio(self)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Ratio(value) => Some(*value),
            _ => None,
        }
    }
}

impl ParamValue for bool {
    const FORM: &'static str = "true or false";
    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn schema(_: &RangeInclusive<Self>) -> Value {
        json!({"type": "boolean"})
    }
    fn store(self) -> Stored {
        Stored::Flag(self)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Flag(value) => Some(*value),
            _ => None,
        }
    }
}

/// The name of an environment variable by which clients are known to read their session timeout; empty when
/// there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionVariable(pub Cow<'static, str>);

impl ParamValue for SessionVariable {
    const FORM: &'static str =
        "a variable by which clients are known to read it, such as KAFKA_SESSION_TIMEOUT_MS";
    fn read(value: &Value) -> Option<Self> {
        let name = value.as_str()?;
        discover::names_session_timeout(name).then(|| Self(Cow::Owned(name.to_owned())))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
    fn schema(_: &RangeInclusive<Self>) -> Value {
        json!({"type": "string"})
    }
    fn store(self) -> Stored {
        Stored::Name(self.0)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Name(value) => Some(Self(value.clone())),
            _ => None,
        }
    }
}

/// The name of a label, such as `app.kubernetes.io/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelName(pub Cow<'static, str>);

impl LabelName {
    /// The label that KEDA puts on a ScaledObject, from where it comes to the HPA, and on no pods
    /// (`ensureScaledObjectLabel`, controllers/keda/scaledobject_controller.go, v2.20.2).
    pub const SCALED_OBJECT: Self = Self(Cow::Borrowed("scaledobject.keda.sh/name"));
    /// Whatever is the name of a label.
    pub const ANY: RangeInclusive<Self> = Self(Cow::Borrowed(""))..=Self(Cow::Borrowed("\u{7f}"));

    /// Whether an entry of kube-state-metrics' allowlist shows it; later versions take a `*` in one.
    pub fn is_shown_by(&self, entry: &str) -> bool {
        match entry.split_once('*') {
            Some((start, end)) => self.0.starts_with(start) && self.0.ends_with(end),
            None => *self.0 == *entry,
        }
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ParamValue for LabelName {
    const FORM: &'static str = "the name of a label, such as scaledobject.keda.sh/name";
    fn read(value: &Value) -> Option<Self> {
        let name = value.as_str()?;
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        let is_name = !name.is_empty() && name.len() <= 317 && name.bytes().all(is_legal);
        is_name.then(|| Self(Cow::Owned(name.to_owned())))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
    fn schema(_: &RangeInclusive<Self>) -> Value {
        json!({"type": "string", "pattern": "^[A-Za-z0-9._/-]+$", "maxLength": 317})
    }
    fn store(self) -> Stored {
        Stored::Name(self.0)
    }
    fn load(stored: &Stored) -> Option<Self> {
        match stored {
            Stored::Name(value) => Some(Self(value.clone())),
            _ => None,
        }
    }
}

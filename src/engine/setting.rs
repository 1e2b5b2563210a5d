//! What is known of one setting: its value, and how sure that is.

use std::sync::Arc;

use super::duration::Form;
use super::place::{Place, Segment};

/// A setting in one of five states. Rules decide by the state: only what is [`Setting::Set`] or
/// [`Setting::Defaulted`] may deny.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting<T> {
    /// Written in the object.
    Set {
        /// The value.
        value: T,
        /// Where and how it is written.
        written: Box<Written>,
    },
    /// Not written, and the tool that reads it has a documented default: KEDA's lagThreshold of 10,
    /// Kubernetes' grace period of 30 s.
    Defaulted {
        /// The default.
        value: T,
    },
    /// Not written; a client of a recognised kind has this default. It may warn at most, since the client's
    /// code may set it.
    Assumed {
        /// The client's default.
        value: T,
        /// Whose default it is, for the message: `the Java client`.
        why: &'static str,
    },
    /// Not known.
    Unknown(Unknown),
    /// Written, but not in a form that its reader understands.
    Invalid {
        /// Where and how it is written.
        written: Box<Written>,
        /// What is wrong with it.
        why: Flaw,
    },
}

/// What is wrong with a written value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is no whole number.
    NoInteger,
    /// It is no duration in a form that its reader understands.
    NoDuration,
    /// It is zero or negative where only more makes sense.
    NotPositive,
    /// It is a bare number whose unit nobody can tell.
    AmbiguousUnit,
}

impl Flaw {
    /// As the end of a sentence: `is no whole number`.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoInteger => "is not a whole number",
            Self::NoDuration => "is not a duration such as 45s",
            Self::NotPositive => "is not greater than zero",
            Self::AmbiguousUnit => "has no unit and may be seconds or milliseconds",
        }
    }
}

/// Who reads a name, where that is certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A home-made name: anybody may read it.
    #[default]
    Anybody,
    /// A framework on the Java client.
    Java,
    /// librdkafka.
    Librdkafka,
}

/// Why a setting is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing in the object declares it.
    Undeclared,
    /// It is, or may be, in a ConfigMap, a Secret or another place that is not in the input.
    Elsewhere,
}

/// Where a value is written, and what to keep when it is rewritten.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The scalar that holds the value.
    pub place: Place,
    /// The whole scalar, which may be long and hold many values.
    pub raw: Arc<str>,
    /// The bytes of `raw` that are the value: all of it, or a part of an argument, of JVM options or of JSON.
    pub span: std::ops::Range<usize>,
    /// How a duration is written here; `None` for what is no duration.
    pub form: Option<Form>,
    /// Whether the scalar is a JSON number, to be replaced by a number.
    pub number: bool,
    /// What the value is after references in it were replaced, where there are any.
    pub expanded: Option<Box<str>>,
    /// Who reads it.
    pub reader: Reader,
}

/// How sure a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Written, or the documented default of what reads it.
    Certain,
    /// A client's default: the engine lets it warn at most.
    Assumed,
}

impl<T> Setting<T> {
    /// Nothing declares it.
    pub const UNDECLARED: Self = Self::Unknown(Unknown::Undeclared);

    /// The value, if one is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set { value, .. } | Self::Defaulted { value } | Self::Assumed { value, .. } => Some(value),
            Self::Unknown(_) | Self::Invalid { .. } => None,
        }
    }

    /// The value if it is written in the object, with where it is.
    pub fn set(&self) -> Option<(&T, &Written)> {
        match self {
            Self::Set { value, written } => Some((value, written)),
            _ => None,
        }
    }

    /// How sure the value is.
    pub fn basis(&self) -> Basis {
        match self {
            Self::Assumed { .. } => Basis::Assumed,
            _ => Basis::Certain,
        }
    }

    /// Whether nothing in the object declares it, so that at most a default applies.
    pub fn is_undeclared(&self) -> bool {
        matches!(self, Self::Unknown(Unknown::Undeclared) | Self::Assumed { .. } | Self::Defaulted { .. })
    }
}

impl Written {
    /// A scalar that is the value and nothing else.
    pub fn whole(place: Place, raw: impl Into<Arc<str>>) -> Self {
        let raw = raw.into();
        Self {
            place,
            span: 0..raw.len(),
            raw,
            form: None,
            number: false,
            expanded: None,
            reader: Reader::Anybody,
        }
    }

    /// The text that is the value.
    pub fn text(&self) -> &str {
        if let Some(expanded) = &self.expanded {
            return expanded;
        }
        self.raw.get(self.span.clone()).unwrap_or(&self.raw)
    }

    /// Whether the value is all of an environment variable.
    pub fn is_variable(&self) -> bool {
        let is_value = matches!(self.place.last(), Some(Segment::Field(name)) if name == "value");
        is_value && self.span == (0..self.raw.len()) && !self.place.is_reference()
    }

    /// The scalar with its value replaced, as JSON.
    pub fn replaced(&self, value: &str) -> serde_json::Value {
        if self.number
            && let Ok(number) = value.parse::<i64>()
        {
            return number.into();
        }
        let mut text = self.raw.to_string();
        if self.raw.get(self.span.clone()).is_some() {
            text.replace_range(self.span.clone(), value);
        }
        text.into()
    }

    /// The scalar with this duration in place of its value, in the form it was written in.
    pub fn with_duration(&self, value: std::time::Duration) -> serde_json::Value {
        let form = self.form.unwrap_or(Form::Millis);
        self.replaced(&super::duration::write(value, form))
    }

    /// The same where the reader understands every form: to the millisecond, and in no form that has two meanings.
    pub fn with_exact_duration(&self, value: std::time::Duration) -> serde_json::Value {
        let form = match self.form.unwrap_or(Form::Millis) {
            Form::Seconds if value.subsec_nanos() > 0 => Form::Go,
            Form::Millis if value.as_millis() < 1000 => Form::Go,
            form => form,
        };
        self.replaced(&super::duration::write(value, form))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn rewriting_keeps_what_stands_around_the_value() {
        let raw = "-Xmx1g -Dsession.timeout.ms=45000 -XX:+UseZGC";
        let start = raw.find("45000").unwrap();
        let mut written = Written::whole(Place::default(), raw);
        written.span = start..start + 5;
        written.form = Some(Form::Millis);
        assert_eq!(
            written.with_duration(Duration::from_secs(90)),
            "-Xmx1g -Dsession.timeout.ms=90000 -XX:+UseZGC"
        );
    }

    #[test]
    fn an_exact_duration_changes_its_form_rather_than_its_value() {
        let of = |form, millis| {
            let written = Written { form: Some(form), ..Written::whole(Place::default(), "45") };
            written.with_exact_duration(Duration::from_millis(millis))
        };
        assert_eq!(of(Form::Seconds, 90_000), "90");
        assert_eq!(of(Form::Seconds, 67_500), "67500ms");
        assert_eq!(of(Form::Millis, 90_000), "90000");
        assert_eq!(of(Form::Millis, 500), "500ms");
    }

    #[test]
    fn a_number_stays_a_number() {
        let written = Written { number: true, ..Written::whole(Place::default(), "30") };
        assert_eq!(written.replaced("60"), serde_json::json!(60));
    }
}

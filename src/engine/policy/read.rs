//! Reads a policy from the values of a YAML file, and says exactly what is wrong with it.

use globset::{Glob, GlobMatcher};
use serde_json::{Map, Value};

use super::selector::Selector;
use super::{Alignment, Mode, Mutate, Policy, PolicyExemption, Profile, Settings};
use crate::engine::keda::{KedaVersion, NoVersion};
use crate::engine::object::Labels;
use crate::engine::place::Place;
use crate::engine::rule::{Level, Rule};

/// Something that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key at the place is wrong, not its value.
    pub is_key: bool,
    /// What: lower case, naming the key and the value.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Policy {
    /// Reads a policy for these rules.
    ///
    /// # Errors
    /// Every problem of the file, in the order of the file.
    pub fn read(value: &Value, rules: &'static [&'static Rule]) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { rules, problems: Vec::new() };
        let policy = reader.policy(value);
        if reader.problems.is_empty() { Ok(policy) } else { Err(reader.problems) }
    }
}

pub(super) const PROFILES: &[(&str, Profile)] =
    &[("strict", Profile::Strict), ("baseline", Profile::Baseline)];
pub(super) const MODES: &[(&str, Mode)] =
    &[("audit", Mode::Audit), ("warn", Mode::Warn), ("enforce", Mode::Enforce)];
pub(super) const MUTATES: &[(&str, Mutate)] =
    &[("off", Mutate::Off), ("fill", Mutate::Fill), ("enforce", Mutate::Enforce)];
pub(super) const ALIGNMENTS: &[(&str, Alignment)] =
    &[("ratio", Alignment::Ratio), ("protocol", Alignment::Protocol)];
pub(super) const LEVELS: &[(&str, Level)] =
    &[("off", Level::Off), ("warn", Level::Warn), ("deny", Level::Deny)];

/// The keys at the top of a policy.
const TOP: &[&str] =
    &["profile", "mode", "kedaVersion", "alignment", "mutate", "rules", "overrides", "exempt", "docsUrl"];

/// The keys by which an override or an exemption says what it is for.
const SELECTOR: &[&str] = &["namespaces", "namespaceLabels", "names", "labels"];

struct Reader {
    rules: &'static [&'static Rule],
    problems: Vec<Problem>,
}

impl Reader {
    fn policy(&mut self, value: &Value) -> Policy {
        let mut policy = Policy::new(self.rules);
        let root = Place::default();
        let Some(map) = self.map(value, &root, TOP) else { return policy };
        for (key, value) in map {
            let place = root.field(key.clone());
            match key.as_str() {
                "profile" => policy.profile = self.word(value, &place, PROFILES).unwrap_or(policy.profile),
                "alignment" => {
                    policy.alignment = self.word(value, &place, ALIGNMENTS).unwrap_or(policy.alignment);
                }
                "kedaVersion" => {
                    policy.keda_version = self.keda_version(value, &place).unwrap_or(policy.keda_version);
                }
                "docsUrl" => {
                    if let Some(url) = self.text(value, &place) {
                        if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
                            self.wrong(&place, value, "must be an address such as https://example.com/rules");
                        }
                        policy.docs_url = url.trim_end_matches('/').into();
                    }
                }
                "overrides" => {
                    policy.overrides = self.list(value, &place, Self::an_override);
                }
                "exempt" => policy.exempt = self.list(value, &place, Self::exemption),
                _ => self.setting(key, value, &place, &mut policy.base),
            }
        }
        policy
    }

    /// `mode`, `mutate` and `rules`, at the top and in an override.
    fn setting(&mut self, key: &str, value: &Value, place: &Place, settings: &mut Settings) {
        match key {
            "mode" => settings.mode = self.word(value, place, MODES),
            "mutate" => settings.mutate = self.word(value, place, MUTATES),
            "rules" => self.rules(value, place, settings),
            _ => {}
        }
    }

    fn rules(&mut self, value: &Value, place: &Place, settings: &mut Settings) {
        let codes: Vec<&str> = self.rules.iter().map(|rule| rule.code).collect();
        let Some(map) = self.map(value, place, &codes) else { return };
        for (code, value) in map {
            let Some(rule) = self.rules.iter().copied().find(|rule| rule.code == code) else { continue };
            self.rule(rule, value, &place.field(code.clone()), settings);
        }
    }

    fn rule(&mut self, rule: &'static Rule, value: &Value, place: &Place, settings: &mut Settings) {
        settings.mentioned.push(rule.code);
        let params = rule.params.iter().map(|param| param.key());
        let keys: Vec<&str> = ["level", "exemptable"].into_iter().chain(params).collect();
        let Some(map) = self.map(value, place, &keys) else { return };
        for (key, value) in map {
            let place = place.field(key.clone());
            match key.as_str() {
                "level" => {
                    let Some(level) = self.word(value, &place, LEVELS) else { continue };
                    if level > rule.levels.highest {
                        let message =
                            format!("{} cannot be set to {level}: what it finds is never certain", rule.code);
                        self.problem(&place, message, Some(format!("use {} or off", rule.levels.highest)));
                    }
                    settings.levels.push((rule.code, level));
                }
                "exemptable" => match value.as_bool() {
                    Some(true) => {}
                    Some(false) => settings.unexemptable.push(rule.code),
                    None => self.wrong(&place, value, "must be true or false"),
                },
                _ => {
                    let Some(param) = rule.params.iter().find(|param| param.key() == key) else { continue };
                    match param.read(value) {
                        Ok(stored) => settings.params.push((param.address(), stored)),
                        Err(must) => self.wrong(&place, value, &must),
                    }
                }
            }
        }
    }

    fn an_override(&mut self, value: &Value, place: &Place) -> Option<(Selector, Settings)> {
        let map = self.map(value, place, &[SELECTOR, &["mode", "mutate", "rules"]].concat())?;
        let selector = self.selector(map, place);
        let mut settings = Settings::default();
        for (key, value) in map {
            self.setting(key, value, &place.field(key.clone()), &mut settings);
        }
        Some((selector, settings))
    }

    fn exemption(&mut self, value: &Value, place: &Place) -> Option<PolicyExemption> {
        let map = self.map(value, place, &[SELECTOR, &["rule", "reason", "until"]].concat())?;
        let selector = self.selector(map, place);
        let codes: Vec<(&str, &'static Rule)> = self.rules.iter().map(|rule| (rule.code, *rule)).collect();
        let rule = match map.get("rule") {
            Some(value) => self.word(value, &place.field("rule"), &codes),
            None => self.missing(place, "rule"),
        };
        let reason = match map.get("reason") {
            Some(value) => self.text(value, &place.field("reason")),
            None => self.missing(place, "reason"),
        };
        let until = map.get("until").and_then(|value| {
            let date = value.as_str().and_then(|text| text.parse().ok());
            if date.is_none() {
                self.wrong(&place.field("until"), value, "must be a date such as 2027-01-31");
            }
            date
        });
        Some(PolicyExemption { code: rule?.code, selector, reason: reason?.into(), until })
    }

    fn selector(&mut self, map: &Map<String, Value>, place: &Place) -> Selector {
        let mut globs = |key: &'static str| match map.get(key) {
            Some(value) => self.list(value, &place.field(key), Self::glob),
            None => Vec::new(),
        };
        let (namespaces, names) = (globs("namespaces"), globs("names"));
        let namespace_labels = self.labels(map, place, "namespaceLabels");
        let labels = self.labels(map, place, "labels");
        Selector { namespaces, namespace_labels, names, labels }
    }

    fn labels(&mut self, map: &Map<String, Value>, place: &Place, key: &'static str) -> Box<Labels> {
        let place = place.field(key);
        let pairs = match map.get(key) {
            None => return Box::default(),
            Some(Value::Object(pairs)) => pairs,
            Some(other) => {
                self.wrong(&place, other, "must be a map of labels");
                return Box::default();
            }
        };
        let label = |(key, value): (&String, &Value)| {
            let text = self.text(value, &place.field(key.clone()))?;
            Some((key.as_str().into(), text.into()))
        };
        pairs.iter().filter_map(label).collect()
    }

    fn glob(&mut self, value: &Value, place: &Place) -> Option<GlobMatcher> {
        let text = self.text(value, place)?;
        match Glob::new(&text) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(_) => {
                self.wrong(place, value, "must be a pattern such as batch-*");
                None
            }
        }
    }

    /// A map with no key but these. An empty document is an empty map.
    fn map<'v>(&mut self, value: &'v Value, place: &Place, keys: &[&str]) -> Option<&'v Map<String, Value>> {
        let Value::Object(map) = value else {
            if !value.is_null() {
                self.wrong(place, value, "must be a map");
            }
            return None;
        };
        for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
            let message = format!("unknown key {key:?}");
            let (place, help) = (place.field(key.clone()), Some(self.nearest(key, keys)));
            self.problems.push(Problem { place, is_key: true, message, help });
        }
        Some(map)
    }

    fn list<T>(
        &mut self,
        value: &Value,
        place: &Place,
        mut item: impl FnMut(&mut Self, &Value, &Place) -> Option<T>,
    ) -> Vec<T> {
        let Value::Array(items) = value else {
            if !value.is_null() {
                self.wrong(place, value, "must be a list");
            }
            return Vec::new();
        };
        let each = items.iter().enumerate();
        each.filter_map(|(index, value)| item(self, value, &place.item(index, None))).collect()
    }

    fn text(&mut self, value: &Value, place: &Place) -> Option<String> {
        match value {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => {
                self.wrong(place, value, "must be a text");
                None
            }
        }
    }

    /// One of a few words. YAML 1.1, which Kubernetes and Helm speak, reads a plain `off` as false.
    fn word<T: Copy>(&mut self, value: &Value, place: &Place, words: &[(&str, T)]) -> Option<T> {
        let word = if *value == Value::Bool(false) { "off" } else { value.as_str().unwrap_or_default() };
        if let Some((_, found)) = words.iter().find(|(name, _)| *name == word) {
            return Some(*found);
        }
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let value = if word == "off" { "off".to_owned() } else { short(value) };
        let message = format!("{} is {value}", place.last().map_or_else(String::new, last_name));
        let help = self.nearest(word, &names);
        self.problem(place, message, Some(help));
        None
    }

    /// A text, since YAML takes a plain 2.20 for the number 2.2.
    fn keda_version(&mut self, value: &Value, place: &Place) -> Option<KedaVersion> {
        let Value::String(text) = value else {
            let must = format!("must be a text in quotes such as {:?}", KedaVersion::NEWEST.to_string());
            self.wrong(place, value, &must);
            return None;
        };
        text.parse().map_err(|error: NoVersion| self.wrong(place, value, &error.to_string())).ok()
    }

    fn missing<T>(&mut self, place: &Place, key: &'static str) -> Option<T> {
        self.problem(place, format!("{key} is missing"), None);
        None
    }

    fn wrong(&mut self, place: &Place, value: &Value, must: &str) {
        let name = place.last().map_or_else(|| "the policy".to_owned(), last_name);
        self.problem(place, format!("{name} is {}, but {must}", short(value)), None);
    }

    fn problem(&mut self, place: &Place, message: String, help: Option<String>) {
        self.problems.push(Problem { place: place.clone(), is_key: false, message, help });
    }

    /// The valid word that was probably meant, else all of them. Rules are called by their codes, and known by their
    /// names.
    fn nearest(&self, word: &str, words: &[&str]) -> String {
        let by_name = self.rules.iter().find(|rule| rule.name == word).map(|rule| rule.code);
        if let Some(code) = by_name.filter(|code| words.contains(code)) {
            return format!("did you mean {code:?}?");
        }
        let best = words.iter().map(|known| (strsim::damerau_levenshtein(word, known), known)).min();
        match best {
            Some((distance, known)) if distance <= known.len() / 3 + 1 && !word.is_empty() => {
                format!("did you mean {known:?}?")
            }
            _ => format!("valid here: {}", words.join(", ")),
        }
    }
}

fn last_name(segment: &crate::engine::place::Segment) -> String {
    match segment {
        crate::engine::place::Segment::Field(name) => name.to_string(),
        crate::engine::place::Segment::Item { index, .. } => format!("item {index}"),
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Object(_) => "a map".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}...", &text[..end]),
                None => text,
            }
        }
    }
}

/// What a message shows of a value, in characters.
const LONGEST: usize = 80;

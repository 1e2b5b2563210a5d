//! Judges all objects of the input.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::configs::ConfigMaps;
use super::court::Court;
use super::fix;
use super::gather::{Candidate, Gathered};
use super::inputs::{Input, Inputs};
use super::lines::Lines;
use super::node::Repeat;
use super::objects::Object;
use super::read::Source;
use super::rendering::rendered;
use super::splice::Refused;
use super::unheeded::Unheeded;
use super::unread::Unread;
use crate::engine::finding::Finding;
use crate::engine::fix::Safety;
use crate::engine::object::ObjectRef;
use crate::engine::policy::Policy;

/// What was found in the input.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings by file and line.
    pub findings: Vec<Located>,
    /// Remarks by file and line.
    pub remarks: Vec<Remark>,
    /// What could not be read.
    pub errors: Vec<Failure>,
    /// Templates: what they stand for is known only when they are rendered, so they are no error.
    pub skipped: Vec<Failure>,
    /// How many files were read.
    pub files: usize,
    /// How many objects were judged.
    pub objects: usize,
    /// What no output may repeat, in order: the source and the bytes in it.
    secrets: Vec<(usize, Range<usize>)>,
    /// What can be fixed, and what was.
    pub fixes: Fixes,
}

/// How many findings a fix mends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// Fixed already.
    pub fixed: usize,
    /// Offered that fill what is unset.
    pub safe: usize,
    /// Offered that overwrite.
    pub overwriting: usize,
}

/// A finding with its place in a file.
#[derive(Debug)]
pub struct Located {
    /// The finding.
    pub finding: Finding,
    /// Where it is.
    pub spot: Spot,
    /// The object that was judged.
    pub object: Object,
    /// Its fix as RFC 6902 on the object, where that repeats no password.
    pub patch: Option<Value>,
    /// Why its fix cannot be made in its text, as far as that shows before it is made.
    pub refused: Option<Refused>,
    /// The scalar that stands at its place; null where none does, and a star for a password.
    pub value: Value,
    /// The baseline holds it: it is counted and no more.
    pub is_baselined: bool,
}

impl Checked {
    /// Offers no more than is left to fix now that a baseline covers some findings.
    pub fn recount(&mut self, sources: &[Source]) {
        let now = offers(self, sources);
        self.fixes.safe = self.fixes.safe.min(now.safe);
        self.fixes.overwriting = self.fixes.overwriting.min(now.overwriting);
    }
}

impl Located {
    /// Whether it is said: neither an exemption nor the baseline covers it.
    pub fn is_open(&self) -> bool {
        self.finding.exempted.is_none() && !self.is_baselined
    }
}

/// A remark with its place in a file.
#[derive(Debug)]
pub struct Remark {
    /// What.
    pub text: String,
    /// Whose.
    pub object: ObjectRef,
    /// Where; `None` for a remark on the input as a whole.
    pub spot: Option<Spot>,
}

/// A place in a file. Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Which source.
    pub source: usize,
    /// The bytes.
    pub bytes: Range<usize>,
    /// Line and column of the first character.
    pub start: (usize, usize),
    /// Line and column behind the last character.
    pub end: (usize, usize),
}

impl Spot {
    /// Where these bytes of a source are, whose lines are given.
    pub(super) fn of(source: usize, bytes: Range<usize>, lines: &Lines<'_>) -> Self {
        Self { source, start: lines.at(bytes.start), end: lines.at(bytes.end), bytes }
    }
}

/// An input, or a part of one, that could not be read.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub file: String,
    /// Line and column, where known.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Judges every Deployment, StatefulSet and ScaledObject of these sources against each other.
pub fn check(sources: &[Source], policy: &Policy, today: Date) -> Checked {
    check_watched(sources, policy, today, &|| {})
}

/// As [`check`]; `tick` is called once for each source that was parsed.
pub fn check_watched(sources: &[Source], policy: &Policy, today: Date, tick: &(dyn Fn() + Sync)) -> Checked {
    let mut checked = Checked { files: sources.len(), ..Checked::default() };
    let gather = |source| {
        let gathered = Gathered::of(source);
        tick();
        gathered
    };
    let mut gathered: Vec<Gathered> = sources.par_iter().map(gather).collect();
    let configs =
        ConfigMaps::of(gathered.iter_mut().flat_map(|gathered| std::mem::take(&mut gathered.configs)));
    if !configs.is_empty() {
        gathered
            .par_iter_mut()
            .zip(sources)
            .for_each(|(gathered, source)| gathered.resolve(source, &configs));
    }
    let (mut documents, mut inputs, mut neighbours) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (source, gathered)) in sources.iter().zip(gathered).enumerate() {
        checked.errors.extend(gathered.errors);
        checked.skipped.extend(gathered.skipped);
        checked.secrets.extend(gathered.secrets.into_iter().map(|span| (index, span)));
        checked.remarks.extend(repeated(index, &source.text, gathered.repeats));
        checked.remarks.extend(unheeded(index, &source.text, gathered.unheeded));
        documents.push(gathered.documents);
        let placed = |neighbour| (neighbour, index, &*source.folder);
        neighbours.extend(gathered.neighbours.into_iter().map(placed));
        for Candidate { object, subject, .. } in gathered.candidates {
            inputs.push(Input { subject, object, source: index, folder: &source.folder });
        }
    }
    checked.secrets.sort_unstable_by_key(|(source, bytes)| (*source, bytes.start));
    checked.objects = inputs.len();
    let court = Court { sources, documents, inputs: Inputs::new(inputs, neighbours), policy, today };
    for judged in court.judge_all() {
        checked.findings.extend(judged.findings);
        checked.remarks.extend(judged.remarks);
    }
    checked.remarks.extend(court.ambiguous());
    checked.findings.sort_by_key(|located| (located.spot.source, located.spot.start));
    checked.conceal_values();
    checked.remarks.sort_by_key(|remark| {
        remark.spot.as_ref().map_or((usize::MAX, (0, 0)), |spot| (spot.source, spot.start))
    });
    checked.fixes = offers(&checked, sources);
    // Nobody waits until they are dropped.
    let subjects = court.inputs.into_subjects();
    rayon::spawn(move || drop(subjects));
    checked
}

impl Checked {
    /// Whether [`Self::concealed`] conceals anything.
    pub fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// The sources as they may be shown.
    pub fn concealed(&self, mut sources: Vec<Source>) -> Vec<Source> {
        for (index, source) in sources.iter_mut().enumerate() {
            if let Cow::Owned(text) = self.concealed_part(index, &source.text, 0..source.text.len()) {
                source.text = text;
            }
        }
        sources
    }

    /// A part of a source's text as it may be shown: a password that stands beside a finding is starred.
    pub fn concealed_part<'t>(&self, source: usize, text: &'t str, part: Range<usize>) -> Cow<'t, str> {
        let mut shown = Cow::Borrowed(text.get(part.clone()).unwrap_or_default());
        let first =
            self.secrets.partition_point(|(index, bytes)| (*index, bytes.end) <= (source, part.start));
        let here = self.secrets.iter().skip(first);
        for (_, bytes) in here.take_while(|(index, bytes)| *index == source && bytes.start < part.end) {
            let (start, end) =
                (bytes.start.max(part.start) - part.start, bytes.end.min(part.end) - part.start);
            let Some(secret) = shown.get(start..end) else { continue };
            // As many bytes as before, so that every span stays right.
            let stars: String = secret.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
            shown.to_mut().replace_range(start..end, &stars);
        }
        shown
    }
}

/// Keys that stand twice, of which an author sees one.
fn repeated(source: usize, text: &str, repeats: Vec<(ObjectRef, Repeat)>) -> Vec<Remark> {
    if repeats.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(text);
    let remark = |(object, Repeat { key, spans: [first, bytes] }): (ObjectRef, Repeat)| {
        let (line, _) = lines.at(first.start);
        Remark {
            text: format!("{key} is also in line {line}; as in kubectl, this one counts"),
            object,
            spot: Some(Spot::of(source, bytes, &lines)),
        }
    };
    repeats.into_iter().map(remark).collect()
}

fn unheeded(source: usize, text: &str, all: Vec<Unheeded>) -> Vec<Remark> {
    if all.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(text);
    let remark = |Unheeded { object, bytes, text }: Unheeded| Remark {
        text,
        object,
        spot: Some(Spot::of(source, bytes, &lines)),
    };
    all.into_iter().map(remark).collect()
}

impl Checked {
    fn conceal_values(&mut self) {
        let secrets: HashSet<(usize, usize)> =
            self.secrets.iter().map(|(source, bytes)| (*source, bytes.start)).collect();
        let is_secret =
            |located: &&mut Located| secrets.contains(&(located.spot.source, located.spot.bytes.start));
        for located in self.findings.iter_mut().filter(is_secret) {
            located.value = "*".into();
            // It would test for the value before it removes it.
            located.patch = None;
        }
    }
}

/// What `--fix` would mend: nothing in what was rendered or has a syntax error.
fn offers(checked: &Checked, sources: &[Source]) -> Fixes {
    let mut fixes = Fixes::default();
    let claims = fix::claims(checked, Safety::Fill);
    let broken: HashSet<&str> = checked.errors.iter().map(|error| error.file.as_str()).collect();
    let mut seen: Option<(usize, bool)> = None;
    for located in checked.findings.iter().filter(|located| located.refused.is_none()) {
        let Some(fix) = fix::offered(located, Safety::Set) else { continue };
        let source = located.spot.source;
        let is_closed = match seen {
            Some((index, is_closed)) if index == source => is_closed,
            _ => sources
                .get(source)
                .is_some_and(|source| broken.contains(source.name.as_str()) || rendered(source).is_some()),
        };
        seen = Some((source, is_closed));
        match fix.safety {
            _ if is_closed => {}
            Safety::Fill if fix::claim(located, fix, &claims).is_some() => {}
            Safety::Fill => fixes.safe += 1,
            Safety::Set => fixes.overwriting += 1,
        }
    }
    fixes
}

/// An input that could not be read at all.
impl From<&Unread> for Failure {
    fn from(unread: &Unread) -> Self {
        let help = unread.help().map(ToOwned::to_owned);
        Self { file: unread.name(), at: None, message: unread.to_string(), help }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn a_password_beside_a_finding_is_starred_and_nothing_else() {
        let text = r#"
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: consumer}
spec:
  triggers:
  - {type: kafka, metadata: {bootstrapServers: "sasl://me:hunter2@kafka:9092", Pasword: hunter2, topic: payments}}
"#;
        let source = Source {
            name: "a.yaml".into(),
            text: text.into(),
            folder: ".".into(),
            origin: super::super::read::Origin::File,
        };
        let sources = vec![source];
        let checked = check(&sources, &Policy::new(RULES), jiff::civil::date(2026, 1, 1));
        let shown = checked.concealed(sources);
        assert_eq!(
            shown[0].text,
            text.replace("\"sasl://me:hunter2@kafka:9092\"", &"*".repeat(30)).replace("hunter2", "*******")
        );
    }
}

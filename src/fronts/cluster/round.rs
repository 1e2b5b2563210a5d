//! The objects of one namespace, or of all of them, as their lists come in.

use jiff::civil::Date;

use super::audited::Audited;
use super::packed::Packed;
use super::reading::{Known, Reading};
use super::resource::Resource;
use super::row::identify;
use super::snapshot::{Entry, Id, Snapshot};
use crate::engine::configs::NoConfigs;
use crate::engine::judge::{Context, Occasion, judge};
use crate::engine::object::{Kind, ObjectRef};
use crate::engine::policy::Policy;
use crate::engine::subject::{Sketch, Subject};
use crate::fronts::files::check::Failure;

pub(super) struct Round<'a> {
    /// All namespaces, if none.
    pub(super) namespace: Option<&'a str>,
    /// Which lists have ended well.
    pub(super) known: Known,
    policy: &'a Policy,
    today: Date,
    snapshot: Snapshot,
    /// ScaledObjects wait until the workloads are known.
    scalers: Vec<(Id, Packed)>,
    /// What was found in the list that is being read.
    found: Audited,
}

impl<'a> Round<'a> {
    pub(super) fn new(namespace: Option<&'a str>, policy: &'a Policy, today: Date) -> Self {
        let (known, snapshot) = (Known::default(), Snapshot::default());
        Self { namespace, known, policy, today, snapshot, scalers: Vec::new(), found: Audited::default() }
    }

    /// Takes what all namespaces share from another round, and with a second call gives it back.
    pub(super) fn borrow(&mut self, from: &mut Self) {
        std::mem::swap(&mut self.known.topics, &mut from.known.topics);
        std::mem::swap(&mut self.known.namespaces, &mut from.known.namespaces);
        for resource in [Resource::KafkaTopics, Resource::Namespaces] {
            self.snapshot.swap(resource, &mut from.snapshot);
        }
    }

    /// A list begins, for the first time or anew.
    pub(super) fn begin(&mut self, resource: Resource) {
        self.found = Audited::default();
        self.snapshot.swap(resource, &mut Snapshot::default());
        if resource == Resource::ScaledObjects {
            self.scalers.clear();
        }
    }

    /// Whether there are ScaledObjects, for which other objects matter.
    pub(super) fn has_scalers(&self) -> bool {
        !self.scalers.is_empty()
    }

    /// What was found since the last list began.
    pub(super) fn take(&mut self) -> Audited {
        std::mem::take(&mut self.found)
    }

    /// Reads an object of a list. Workloads are judged at once.
    pub(super) fn read(&mut self, resource: Resource, text: &str) {
        let meta = identify(text);
        let name = meta.name.unwrap_or_default();
        let id = Id::new(meta.namespace.as_deref().unwrap_or_default(), &name);
        let entry = match resource.judged() {
            // An object without a name is none that an API server holds.
            _ if name.is_empty() => None,
            None => Entry::read(resource, text).ok(),
            Some(kind) => self.sketch(kind, &id, text),
        };
        if entry.is_none() {
            self.complain(resource, &id);
        }
        if !name.is_empty() {
            self.snapshot.insert(resource, id, entry.unwrap_or_else(|| Entry::unreadable(resource)));
        }
    }

    fn sketch(&mut self, kind: Kind, id: &Id, text: &str) -> Option<Entry> {
        let sketch: Sketch<'_> = serde_json::from_str(text).ok()?;
        let subject = sketch.distil(kind, &NoConfigs);
        match &subject {
            Subject::Scaler(_) => self.scalers.push((id.clone(), Packed::whole(&sketch))),
            Subject::Workload(_) => {
                self.judge(&subject);
                // A ScaledObject makes a consumer of what shows none.
                if self.snapshot.is_scaled(kind, id) {
                    return Some(Entry::Workload(Some(Packed::of(sketch))));
                }
            }
        }
        Some(Entry::of(&subject, sketch))
    }

    fn complain(&mut self, resource: Resource, id: &Id) {
        let (plural, namespace) = (resource.plural(), id.namespace());
        let message = match id.name() {
            "" => format!("one of the {plural} has no name and cannot be judged"),
            _ => format!("{id} of the {plural} cannot be read"),
        };
        let file = if namespace.is_empty() { "cluster" } else { namespace }.to_owned();
        let failure = Failure { file, at: None, message, help: None };
        let wanted = if resource.judged().is_some() { &mut self.found.errors } else { &mut self.found.gaps };
        wanted.push(failure);
    }

    /// Judges the ScaledObjects by the workloads.
    pub(super) fn judge_scalers(&mut self) {
        for (id, packed) in std::mem::take(&mut self.scalers) {
            // What was packed can be unpacked.
            if let Some(subject) = packed.unpack(Kind::ScaledObject, &id) {
                self.judge(&subject);
            }
        }
    }

    fn judge(&mut self, subject: &Subject) {
        let object = &subject.meta().object;
        let world = Reading::new(&self.snapshot, self.known);
        let context =
            Context { world: &world, policy: self.policy, occasion: Occasion::Existing, today: self.today };
        let verdict = judge(subject, || None, &context);
        let found = &mut self.found;
        found.objects += 1;
        found.namespaces.insert(object.namespace.as_deref().unwrap_or_default().to_owned());
        if let (Subject::Scaler(scaler), false) = (subject, verdict.findings.is_empty())
            && let Some((kind, target)) = world.target(scaler)
        {
            let target = ObjectRef { kind, namespace: object.namespace.clone(), name: target.name().into() };
            found.targets.insert(object.clone(), target);
        }
        let remarks = verdict.notes.into_iter().map(|note| note.text);
        found.remarks.extend(remarks.map(|text| (object.clone(), text)));
        found.findings.extend(verdict.findings);
    }
}

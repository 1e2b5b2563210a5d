//! What was found in a cluster, and how reports take it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use serde_json::Value;

use crate::engine::finding::Finding;
use crate::engine::object::ObjectRef;
use crate::engine::place::Place;
use crate::engine::rule::Level;
use crate::fronts::files::check::{Checked, Failure, Located, Remark, Spot};
use crate::fronts::files::{Object, Origin, Source};

/// What was found.
#[derive(Debug, Default)]
pub struct Audited {
    /// Findings, in the order of the lists.
    pub findings: Vec<Finding>,
    /// Remarks of judged objects.
    pub remarks: Vec<(ObjectRef, String)>,
    /// The workload that each ScaledObject with findings scales, if it is of a kind that is judged.
    pub targets: HashMap<ObjectRef, ObjectRef>,
    /// What could not be judged though it was asked for.
    pub errors: Vec<Failure>,
    /// What is unknown beside that.
    pub gaps: Vec<Failure>,
    /// The namespaces of judged objects, and those that were asked for.
    pub namespaces: BTreeSet<String>,
    /// How many objects were judged.
    pub objects: usize,
}

impl Audited {
    /// Adds what else was found.
    pub(super) fn append(&mut self, mut more: Self) {
        self.findings.append(&mut more.findings);
        self.remarks.append(&mut more.remarks);
        self.targets.extend(more.targets);
        self.errors.append(&mut more.errors);
        self.gaps.append(&mut more.gaps);
        self.namespaces.append(&mut more.namespaces);
        self.objects += more.objects;
    }

    /// As what was found in files is written: a source is a namespace, of which no finding has a line. What is worst
    /// comes first, with everything else that is said of the same workload.
    pub fn checked(self) -> (Checked, Vec<Source>, HashMap<ObjectRef, ObjectRef>) {
        let Self { mut findings, remarks, targets, errors, namespaces, objects, .. } = self;
        sort(&mut findings, &targets);
        let mut checked = Checked::default();
        (checked.errors, checked.objects) = (errors, objects);
        let indices: HashMap<&str, usize> =
            namespaces.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        checked.findings = findings.into_iter().map(|finding| located(finding, &indices)).collect();
        let remark = |(object, text)| Remark { text, object, spot: None };
        checked.remarks = remarks.into_iter().map(remark).collect();
        (checked, namespaces.into_iter().map(source).collect(), targets)
    }
}

/// By workload.
fn sort(findings: &mut [Finding], targets: &HashMap<ObjectRef, ObjectRef>) {
    let mut worst: HashMap<ObjectRef, Level> = HashMap::new();
    let workload = |finding: &Finding| targets.get(&finding.object).unwrap_or(&finding.object).clone();
    for finding in findings.iter().filter(|finding| finding.exempted.is_none()) {
        let level = worst.entry(workload(finding)).or_insert(Level::Off);
        *level = finding.level.max(*level);
    }
    findings.sort_by_cached_key(|finding| {
        let workload = workload(finding);
        let worst = worst.get(&workload).copied().unwrap_or(Level::Off);
        (Reverse(worst), workload, Reverse(finding.level), finding.object.clone(), finding.rule.code)
    });
}

fn located(finding: Finding, indices: &HashMap<&str, usize>) -> Located {
    let namespace = finding.object.namespace.as_deref().unwrap_or_default();
    let source = indices.get(namespace).copied().unwrap_or_default();
    Located {
        spot: Spot { source, bytes: 0..0, start: (1, 1), end: (1, 1) },
        object: Object { document: 0, root: Place::default() },
        patch: None,
        refused: None,
        value: Value::Null,
        is_baselined: false,
        finding,
    }
}

fn source(namespace: String) -> Source {
    let origin = Origin::Rendered { file: None };
    Source { name: namespace, text: String::new(), folder: PathBuf::new(), origin }
}

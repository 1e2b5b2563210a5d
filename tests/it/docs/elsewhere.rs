//! What the documentation shows and no test here can run: a closed list, each with where it is run instead, or why
//! nobody does. A new one cannot slip in, and one that is gone has to go here, too.

/// Who runs a command, or reads a fragment.
#[derive(Debug)]
pub(super) enum By {
    /// A test or a script of this repository, and words in it that show it.
    File(&'static str, &'static str),
    /// Nobody, and why.
    Nobody(&'static str),
}
use By::{File, Nobody};

/// How a command begins, and who runs it.
pub(super) const COMMANDS: &[(&str, By)] = &[
    // The commands of a developer.
    (".ci/run", File(".ci/run", "make lint")),
    ("make test", File(".ci/run", "make test")),
    ("make lint", File(".ci/run", "make lint")),
    ("make unit", File("Makefile", "--lib --test it --test pages --test certs")),
    ("make new-rule ", File("tests/it/new_rule.rs", "a_new_rule_is_two_files_and_a_line")),
    ("cargo install --locked --git ", Nobody("installs from the published repository")),
    (
        "cargo run --release -- serve",
        File("tests/it/docs/greeting.rs", "what_serve_says_to_type_next_is_denied"),
    ),
    (
        "cargo run --release -p lagward-certs -- issue ",
        File("certs-tooling/tests/certs/binary.rs", "issue_writes_three_files"),
    ),
    ("cp ca.crt manifests/kustomize/components/local/", File("tests/e2e/register.rs", "ca.crt")),
    // On a cluster.
    (
        "kubectl apply -f examples/incident/scaledobject.yaml",
        File("tests/e2e/examples.rs", "the_incident_is_refused_as_the_readme_shows_it"),
    ),
    (
        "kubectl apply --dry-run=server -f examples/incident/",
        File("tests/e2e/deny.rs", "a_dry_run_is_refused_as_well"),
    ),
    (
        "kubectl apply --server-side -k manifests/kustomize/overlays/default",
        File("tests/e2e/installed.rs", "[\"apply\", \"--server-side\", \"-k\""),
    ),
    (
        "kubectl apply -k manifests/kustomize/overlays/local",
        File("tests/e2e/register.rs", "[\"apply\", \"-k\""),
    ),
    ("kubectl apply -k manifests/monitoring", File("tests/e2e/chart.rs", "kustomized_in(\"monitoring\")")),
    (
        "kubectl label namespace NAME lagward.dev/admission=off",
        File("tests/e2e/scene.rs", "BREAK_GLASS}=off"),
    ),
    (
        "kubectl delete validatingwebhookconfiguration",
        File("tests/e2e/certificates.rs", "[\"delete\", VALIDATING]"),
    ),
    ("helm install lagward ", File("tests/e2e/chart.rs", "&[\"install\", \"--create-namespace\"]")),
    ("helm upgrade lagward ", File("tests/e2e/chart.rs", "&[\"upgrade\"]")),
    ("helm uninstall lagward ", File("tests/e2e/chart.rs", "\"uninstall\", RELEASE")),
    (
        "helm test lagward ",
        Nobody(
            "its pod needs an image in a registry; what it runs, `lagward-certs verify`, is run in tests/e2e",
        ),
    ),
    ("lagward-certs issue ", File("certs-tooling/tests/certs/binary.rs", "issue_writes_three_files")),
    ("lagward-certs ensure ", File("tests/e2e/installed.rs", "vec![\"ensure\"")),
    ("lagward-certs verify ", File("tests/e2e/installed.rs", "&[\"verify\"")),
    ("lagward audit -n payments", File("tests/it/cluster/audit_findings.rs", "\"-n\", \"shop\"")),
    ("lagward audit -A", File("tests/it/cluster/audit_findings.rs", "\"-A\"")),
    // With other programs.
    ("lagward check --helm charts/", File("tests/e2e/rendered.rs", "--helm")),
    ("lagward check --kustomize overlays/", File("tests/e2e/rendered.rs", "--kustomize")),
    ("helm template . | lagward check -", File("tests/it/check/rendered.rs", "\"-\"")),
    (
        "kubectl get so consumer -o yaml | lagward check --fix - ",
        File("tests/it/fixing.rs", "&[\"--fix\", \"-\"]"),
    ),
    ("ln -s ", File("tests/it/check/adoption.rs", "kubectl-lagward")),
];

/// How a block of YAML that belongs to another tool begins, and who reads it.
pub(super) const FRAGMENTS: &[(&str, By)] = &[
    ("- uses: actions/checkout", File("tests/adoption/run", "action.yml")),
    ("include:\n  - remote: ", File("tests/adoption/run", "ci/gitlab.yml")),
    ("repos:\n  - repo: ", File("tests/adoption/run", "repos:")),
    ("metadata:\n  annotations:\n    argocd", Nobody("Argo CD is not among the tools of a test")),
    ("spec:\n  ignoreDifferences:", Nobody("Argo CD is not among the tools of a test")),
    ("spec:\n  driftDetection:", Nobody("Flux is not among the tools of a test")),
];

/// The entry of a command.
pub(super) fn reason(command: &str) -> Option<&'static str> {
    entry(COMMANDS, command)
}

/// The entry of a block.
pub(super) fn fragment(text: &str) -> Option<&'static str> {
    entry(FRAGMENTS, text.trim_start())
}

fn entry(entries: &[(&'static str, By)], text: &str) -> Option<&'static str> {
    entries.iter().map(|(start, _)| *start).find(|start| text.starts_with(start))
}

#[test]
fn whoever_is_said_to_run_it_does() {
    let mut wrong = Vec::new();
    for (start, by) in COMMANDS.iter().chain(FRAGMENTS) {
        match by {
            File(file, words) => {
                let text = std::fs::read_to_string(super::root().join(file)).unwrap_or_default();
                if !text.contains(words) {
                    wrong.push(format!("{start}: {file} has no `{words}`"));
                }
            }
            Nobody(why) => assert!(why.len() > 10, "{start}: why?"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

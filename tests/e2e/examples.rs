//! The examples on a real API server: what is aligned is stored without a word, the incident is refused as the
//! README shows it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cluster;
use crate::fixtures::{CORRECTED, INCIDENT};
use crate::lagward::Policy;
use crate::rundir;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::wait;

scenarios![
    every_aligned_service_is_stored_without_a_warning,
    the_incident_is_refused_as_the_readme_shows_it,
    the_admission_policy_of_the_questions_refuses_the_incident,
];

fn every_aligned_service_is_stored_without_a_warning() {
    let folders = fs::read_dir(root().join("examples")).expect("a folder").flatten();
    let folders: Vec<PathBuf> = folders.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    let aligned = folders.iter().filter(|folder| !folder.ends_with("incident"));
    let mut applied = 0;
    for folder in aligned {
        let scene = Scene::under(Policy::Shipped);
        let copy = copied(folder, scene.namespace());
        let outcome = scene.kubectl.inside(&copy).run(["apply", "-f", "."]).accepted();
        assert_eq!(outcome.stderr, "", "{}\n{outcome}", folder.display());
        assert!(
            outcome.stdout.contains("scaledobject.keda.sh/") && outcome.stdout.contains("deployment.apps/")
        );
        applied += 1;
    }
    assert!(applied >= 5, "{folders:?}");
}

fn the_incident_is_refused_as_the_readme_shows_it() {
    let scene = Scene::under(Policy::Shipped);
    let namespace = scene.namespace();
    let folder = cluster::shared().dir().join("readme").join(namespace);
    let copy = copied(&root().join("examples/incident"), namespace);
    fs::create_dir_all(folder.join("examples")).expect("a folder");
    fs::rename(copy, folder.join("examples/incident")).expect("the copy moves");
    let command = ["apply", "-f", "examples/incident/scaledobject.yaml"];
    let outcome = scene.kubectl.inside(&folder).run(command).refused(&["LW201", "LW301"]);
    let shown = outcome.stderr.replace(&format!("{namespace}/"), "payments/");
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let shown = format!("$ kubectl {}\n{}", command.join(" "), shown.trim_end());
    assert!(readme.contains(&shown), "the README should show:\n{shown}");
}

/// What the page on other tools shows works as it says.
fn the_admission_policy_of_the_questions_refuses_the_incident() {
    let page = fs::read_to_string(root().join("docs/faq.md")).expect("the page");
    let mut blocks = page.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next());
    let policy = blocks.find(|block| block.contains("kind: ValidatingAdmissionPolicy")).expect("its YAML");
    let scene = Scene::bare();
    scene.kubectl.label(&format!("namespace/{}", scene.namespace()), "team=payments").accepted();
    scene.kubectl.apply(policy).accepted();
    wait::for_it("the policy is in force", || match scene.kubectl.dry_run(INCIDENT).result() {
        Ok(outcome) => Err(outcome.to_string()),
        Err(_) => Ok(()),
    });
    let denial = scene.kubectl.apply(INCIDENT).failed().denial();
    assert!(denial.contains("minReplicaCount must be at least 2"), "{denial}");
    scene.kubectl.apply(CORRECTED).accepted();
    scene.kubectl.run_with(["delete", "-f", "-"], policy).accepted();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The manifests of a folder, for another namespace.
fn copied(folder: &Path, namespace: &str) -> PathBuf {
    let copy = cluster::shared().dir().join("examples").join(namespace);
    fs::create_dir_all(&copy).expect("a folder");
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a manifest");
        let moved = text.lines().map(|line| match line.strip_prefix("  namespace: ") {
            Some(_) => format!("  namespace: {namespace}\n"),
            None => format!("{line}\n"),
        });
        rundir::write(&copy.join(entry.file_name()), moved.collect::<String>()).expect("a file");
    }
    copy
}

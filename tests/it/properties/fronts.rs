//! The fronts cannot disagree: one object, one verdict, whether it comes in a review, in JSON or in YAML.

use std::fmt::Write;

use lagward::engine::consumer::Consumer;
use lagward::engine::judge::Occasion;
use lagward::engine::policy::Policy;
use lagward::engine::rule::Level;
use lagward::engine::scaler::Scaler;
use lagward::engine::world::{Lookup, World};
use lagward::fronts::files::check::{Checked, check};
use lagward::fronts::files::{Origin, Source};
use lagward::fronts::webhook::record::Route;
use lagward::output::{Ground, Report, json, text};
use proptest::prelude::*;
use serde_json::Value;

use super::generate::{any_json, object, scaler, workload};
use super::policies::policy;
use super::{config, judged, places, read, standing};
use crate::support::{Known, Review, ask, subject, today};

/// The object as block YAML, every text in quotes.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let _ = write!(out, "\n{pad}{}:", Value::from(key.as_str()));
                yaml(value, indent + 2, out);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for item in list {
                let _ = write!(out, "\n{pad}-");
                yaml(item, indent + 2, out);
            }
        }
        scalar => {
            let _ = write!(out, " {scalar}");
        }
    }
}

fn files(texts: &[String], policy: &Policy) -> (Vec<Source>, Checked) {
    let source = |(index, text): (usize, &String)| Source {
        name: format!("{index}.yaml"),
        text: text.clone(),
        folder: ".".into(),
        origin: Origin::File,
    };
    let sources: Vec<Source> = texts.iter().enumerate().map(source).collect();
    let checked = check(&sources, policy, today());
    // Every way to write it down works.
    let report = Report {
        checked: &checked,
        sources: &sources,
        policy,
        fails_from: Some(Level::Deny),
        ground: Ground::Files,
    };
    let (plain, report) = (text::render(&report, false), json::render(&report));
    assert!(plain.contains(" object"), "{plain}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(checked.findings.len()));
    (sources, checked)
}

fn denied(checked: &Checked) -> Vec<(&'static str, String)> {
    let open = checked.findings.iter().map(|located| &located.finding).filter(|f| f.exempted.is_none());
    places(open.filter(|finding| finding.level == Level::Deny))
}

/// What files show is all that is known: what they lack may be in the cluster.
struct Files(Known);

impl World for Files {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        self.0.consumer_of(scaler).found().map_or(Lookup::Unknown, Lookup::Found)
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        self.0.scalers_of(consumer).found().map_or(Lookup::Unknown, Lookup::Found)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_review_and_files_of_any_form_deny_what_the_engine_denies(object in object(), policy in policy()) {
        let policy = read(&policy);
        let verdict = standing(&object, &policy);
        let engine = places(verdict.denials());
        let mut block = String::new();
        yaml(&object, 0, &mut block);
        for text in [object.to_string(), format!("{object:#}"), block] {
            let (_, checked) = files(std::slice::from_ref(&text), &policy);
            prop_assert!(checked.errors.is_empty(), "{:?} in {text}", checked.errors);
            prop_assert_eq!(denied(&checked), &engine[..], "{}", text);
            prop_assert_eq!(checked.findings.len(), verdict.findings.len());
        }
        let reply = ask(Route::Validate, &Review::of(&object), &policy, None);
        // What the API server itself refuses reaches no webhook.
        let mut codes: Vec<&str> = engine.iter().map(|(code, _)| *code).filter(|code| *code != "LW310").collect();
        prop_assert_eq!(reply.allowed, codes.is_empty());
        let mut replied = reply.denied.clone();
        replied.sort();
        codes.sort_unstable();
        prop_assert_eq!(replied, codes);
    }

    #[test]
    fn a_pair_in_one_file_or_two_is_judged_as_the_engine_judges_it(
        workload in workload(true), scaler in scaler(), policy in policy(),
    ) {
        let (policy, world) = (read(&policy), Files(Known(vec![subject(&workload), subject(&scaler)])));
        let mut engine: Vec<_> = [&workload, &scaler]
            .iter()
            .flat_map(|object| places(judged(object, &policy, &world, Occasion::Existing).denials()))
            .collect();
        // In files nothing is known to be absent.
        engine.retain(|(code, _)| *code != "LW208");
        engine.sort();
        let (first, second) = (workload.to_string(), scaler.to_string());
        for texts in [vec![format!("{first}\n---\n{second}\n")], vec![second.clone(), first.clone()]] {
            let (_, checked) = files(&texts, &policy);
            prop_assert_eq!(checked.objects, 2);
            prop_assert_eq!(denied(&checked), &engine[..]);
        }
    }

    #[test]
    fn every_finding_points_into_its_file_at_the_value_it_speaks_of(object in object(), policy in policy()) {
        let mut block = String::new();
        yaml(&object, 0, &mut block);
        let (sources, checked) = files(&[format!("# ü 🦀\n---{block}\n")], &read(&policy));
        for located in &checked.findings {
            let text = sources[0].text.get(located.spot.bytes.clone());
            prop_assert!(text.is_some_and(|text| !text.is_empty()), "{:?}", located.spot);
            let place = located.finding.report.place.pointer();
            let Some(value) = object.pointer(&place).filter(|value| value.is_string() || value.is_number()) else { continue };
            prop_assert_eq!(text.unwrap_or_default(), value.to_string());
        }
    }

    #[test]
    fn any_text_at_all_is_answered(text in prop_oneof![".{0,60}", "[-:{}\\[\\]&*!|>'\"%@`#, \\nkinda:ScOe]{0,60}"], value in any_json()) {
        let policy = Policy::new(lagward::rules::RULES);
        for text in [text, value.to_string()] {
            let (_, checked) = files(&[text], &policy);
            prop_assert!(checked.findings.is_empty());
        }
    }
}

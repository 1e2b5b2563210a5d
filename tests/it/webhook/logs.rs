//! What is logged of a review, and what is not.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::record::{BadReview, Outcome};
use tracing_subscriber::fmt::MakeWriter;

use super::{Fake, Server, answer, post, review};
use crate::support::{Review, edit, scaler};

#[tokio::test]
async fn a_denied_review_is_one_line_with_names_and_codes() {
    let log = Log::default();
    let _guard = log.capture();
    let reviewer = Fake::new(|route, body| {
        let mut answer = answer(route, body);
        answer.record.outcome = Outcome::Denied;
        answer.record.denied = vec!["LW301", "LW302"];
        answer.record.name = "a\n\u{1b}[31mforged line".to_owned();
        Ok(answer)
    });
    let server = Server::with(reviewer, Limits::default()).await;
    server.client().await.send(review("{\"secret\":1}")).await;
    let lines = log.about("lagward::review");
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    for part in [
        "INFO",
        r#"uid="uid" kind="ScaledObject" namespace="payments" name="a\n\u{1b}[31mforged line" operation="CREATE""#,
        r#"dry_run=false verdict="denied" denied=LW301,LW302 warned= would_deny= exempted= patched= elapsed_us="#,
        r#"policy="hash""#,
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("secret"), "{line}");
}

#[tokio::test]
async fn a_clean_review_is_quiet() {
    let log = Log::default();
    let _guard = log.capture();
    let server = Server::start(Limits::default()).await;
    server.client().await.send(review("{}")).await;
    let lines = log.about("lagward::review");
    assert!(lines.len() == 1 && lines[0].contains("DEBUG"), "{lines:?}");
}

#[tokio::test]
async fn a_review_is_found_by_the_trace_that_it_belongs_to() {
    let log = Log::default();
    let _guard = log.capture();
    let server = Server::start(Limits::default()).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (traceparent, is_logged) in [(parent, true), ("00-hunter2 denied=LW301", false)] {
        let request = post("/validate").header("traceparent", traceparent).body("{}".into());
        server.client().await.send(request.expect("a request")).await;
        let line = log.about("lagward::review").pop().expect("a line");
        assert_eq!(line.contains(&format!("traceparent=\"{parent}\"")), is_logged, "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn a_review_that_panicked_can_be_found_and_had_again() {
    let log = Log::default();
    let _guard = log.capture();
    let server =
        Server::with(Fake::new(|_, _| panic!("this test panics on purpose")), Limits::default()).await;
    let object = edit(&scaler(), "/spec/triggers/0/metadata/topic", "hunter2".into());
    server.client().await.send(review(Review::of(&object).body())).await;
    let lines = log.about("a review panicked");
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    let names =
        r#"uid="705ab4f5-6393-11e8-b7cc-42010a800002" kind="ScaledObject" namespace="shop" name="thing""#;
    assert!(line.contains("ERROR") && line.contains(names), "{line}");
    server.client().await.send(review("hunter2")).await;
    assert_eq!(log.about("a review panicked before it was known of what").len(), 1);
    assert!(log.about("hunter2").is_empty());
}

#[tokio::test]
async fn a_rule_that_panicked_is_named_with_the_object() {
    let log = Log::default();
    let _guard = log.capture();
    let reviewer = Fake::new(|route, body| {
        let mut answer = answer(route, body);
        answer.record.panicked = vec!["LW104"];
        Ok(answer)
    });
    let server = Server::with(reviewer, Limits::default()).await;
    server.client().await.send(review("{}")).await;
    let lines = log.about("rules panicked");
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    let names = r#"uid="uid" kind="ScaledObject" namespace="payments" name="consumer" operation="CREATE" rules=LW104"#;
    assert!(line.contains("ERROR") && line.contains(names), "{line}");
}

#[tokio::test]
async fn an_unreadable_body_is_a_warning_without_its_contents() {
    let log = Log::default();
    let _guard = log.capture();
    let reviewer = Fake::new(|_, body| Err(BadReview(String::from_utf8_lossy(body).into_owned())));
    let server = Server::with(reviewer, Limits::default()).await;
    server.client().await.send(review("hunter2")).await;
    let lines = log.about("lagward::fronts");
    assert!(
        lines.iter().any(|line| line.contains("WARN") && line.contains("not an AdmissionReview")),
        "{lines:?}"
    );
    assert!(log.about("hunter2").is_empty());
}

/// The log of this test's thread, on which its server runs too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn capture(&self) -> tracing::subscriber::DefaultGuard {
        // An event that is met first where nobody listens is remembered as one that nobody wants, on every thread: a
        // subscriber for all wants everything, and does nothing with it.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(self.clone());
        tracing::subscriber::set_default(subscriber.with_max_level(tracing::Level::DEBUG).finish())
    }

    fn about(&self, what: &str) -> Vec<String> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log)
            .lines()
            .filter(|line| line.contains(what))
            .map(ToOwned::to_owned)
            .collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

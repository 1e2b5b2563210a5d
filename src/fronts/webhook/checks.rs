//! Named checks behind a probe, answered as the API server answers its own (`/readyz?verbose`).

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// What a check finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Well,
    /// Somebody has to look at it, but the probe succeeds: failing would only take a webhook away that still answers.
    Unwell(&'static str),
    /// The probe fails.
    Failed(&'static str),
}

type Check = Box<dyn Fn() -> State + Send + Sync>;

/// The checks behind one probe.
pub struct Checks {
    probe: &'static str,
    checks: Vec<(&'static str, Check)>,
}

impl Checks {
    /// None yet, behind `/{probe}`.
    pub const fn new(probe: &'static str) -> Self {
        Self { probe, checks: Vec::new() }
    }

    /// Asks `check` too, and calls it `name`.
    #[must_use]
    pub fn and(mut self, name: &'static str, check: impl Fn() -> State + Send + Sync + 'static) -> Self {
        self.checks.push((name, Box::new(check)));
        self
    }

    /// `ok`, or 503 and the state of each part; with `?verbose` that in any case.
    pub(super) fn answer(&self, query: Option<&str>) -> Response {
        let states: Vec<_> = self.checks.iter().map(|(name, check)| (*name, check())).collect();
        let is_failed = states.iter().any(|(_, state)| matches!(state, State::Failed(_)));
        if !is_failed && !is_verbose(query) {
            return "ok\n".into_response();
        }
        let mut text = String::new();
        for (name, state) in states {
            // Writing to a String cannot fail.
            let _ = match state {
                State::Well => writeln!(text, "[+]{name} ok"),
                State::Unwell(why) => writeln!(text, "[!]{name} not well: {why}"),
                State::Failed(why) => writeln!(text, "[-]{name} failed: {why}"),
            };
        }
        let (status, end) =
            if is_failed { (StatusCode::SERVICE_UNAVAILABLE, "failed") } else { (StatusCode::OK, "passed") };
        let _ = writeln!(text, "{} check {end}", self.probe);
        (status, text).into_response()
    }
}

fn is_verbose(query: Option<&str>) -> bool {
    let mut keys = query.unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
    keys.any(|key| key == "verbose")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn said(checks: Checks, query: Option<&str>) -> (u16, String) {
        let (head, body) = checks.answer(query).into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status.as_u16(), String::from_utf8(body.to_vec()).expect("text"))
    }

    fn checks(state: State) -> Checks {
        Checks::new("readyz").and("first", || State::Well).and("second", move || state)
    }

    #[tokio::test]
    async fn what_is_well_is_one_word_unless_asked() {
        assert_eq!(said(checks(State::Well), None).await, (200, "ok\n".to_owned()));
        assert_eq!(said(checks(State::Well), Some("verbosely")).await, (200, "ok\n".to_owned()));
        let text = "[+]first ok\n[+]second ok\nreadyz check passed\n";
        for query in ["verbose", "verbose=1", "a=b&verbose"] {
            assert_eq!(said(checks(State::Well), Some(query)).await, (200, text.to_owned()), "{query}");
        }
    }

    #[tokio::test]
    async fn what_is_not_well_is_named_and_does_not_fail_the_probe() {
        let unwell = || checks(State::Unwell("old"));
        assert_eq!(said(unwell(), None).await, (200, "ok\n".to_owned()));
        let text = "[+]first ok\n[!]second not well: old\nreadyz check passed\n";
        assert_eq!(said(unwell(), Some("verbose")).await, (200, text.to_owned()));
    }

    #[tokio::test]
    async fn what_fails_is_named_without_being_asked() {
        let text = "[+]first ok\n[-]second failed: gone\nreadyz check failed\n";
        assert_eq!(said(checks(State::Failed("gone")), None).await, (503, text.to_owned()));
    }
}

//! An answer that rests on another object is given after a look at that one.

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use lagward::engine::object::{Kind, ObjectRef};
use lagward::fronts::cluster::Look;
use lagward::fronts::webhook::intake::{Looking, Reviewer};
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::record::{Answer, BadReview, Route};

use super::{Server, answer, large, post};

/// What it was asked to look at, and how long it had.
type Asked = Arc<Mutex<Vec<(String, Duration)>>>;

/// Never sure at first.
struct Doubtful {
    shows: Option<Look>,
    asked: Asked,
}

fn workload() -> ObjectRef {
    ObjectRef { kind: Kind::Deployment, namespace: Some("shop".into()), name: "orders".into() }
}

impl Reviewer for Doubtful {
    fn review(&self, route: Route, body: &[u8], look: Option<&Look>) -> Result<Answer, BadReview> {
        let text = if look.is_some() { "sure" } else { "doubtful" };
        let rests_on = look.is_none().then(workload);
        Ok(Answer { body: text.into(), rests_on, ..answer(route, body) })
    }

    fn look<'a>(&'a self, target: &'a ObjectRef, within: Duration) -> Looking<'a> {
        self.asked.lock().expect("a list").push((target.to_string(), within));
        Box::pin(ready(self.shows.clone()))
    }
}

async fn answers(shows: Option<Look>, body: Bytes) -> (String, Vec<(String, Duration)>) {
    let asked = Asked::default();
    let server = Server::with(Doubtful { shows, asked: Arc::clone(&asked) }, Limits::default()).await;
    let request = post("/validate?timeout=1s").body(Full::new(body)).expect("a request");
    let response = server.client().await.send(request).await;
    assert_eq!(response.status(), 200);
    (response.into_body(), asked.lock().expect("a list").clone())
}

#[tokio::test]
async fn what_a_look_shows_is_judged_in_the_time_that_is_left() {
    for body in [Bytes::from("{}"), large()] {
        let (answer, asked) = answers(Some(Look::Gone), body).await;
        assert_eq!(answer, "sure");
        let [(target, within)] = &asked[..] else { panic!("one look: {asked:?}") };
        assert_eq!(target, "Deployment shop/orders");
        assert!(*within <= Duration::from_millis(900), "{within:?}");
    }
}

#[tokio::test]
async fn where_nobody_can_look_the_answer_stands() {
    assert_eq!(answers(None, "{}".into()).await.0, "doubtful");
}

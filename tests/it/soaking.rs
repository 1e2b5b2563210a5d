//! The soak of `make soak`, shortly.

#[path = "../../benches/soak/play/mod.rs"]
mod play;

use std::time::Duration;

use play::{Plan, play};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_dropped_or_judged_wrong_while_everything_changes() {
    let plan = Plan {
        lagward: env!("CARGO_BIN_EXE_lagward").into(),
        rate: 60,
        rest: Duration::from_millis(500),
        requests: 5,
        // No test is about time: whoever waits this long waits for nothing.
        timeout: Duration::from_secs(60),
        endpoints_delay: Duration::from_millis(200),
        drain: Duration::from_secs(3),
        poll: Duration::from_millis(50),
        say: |_| {},
    };
    let report = play(plan).await.expect("the script is played to its end");
    println!("{report}");
    assert_eq!(report.wrong, 0);
    assert!(report.right() >= 100);
    for said in ["silent", "told", "patched", "denied LW201", "warned LW201", "noted LW101"] {
        assert!(report.said.contains_key(said), "{said} is missing");
    }
}

//! The real `lagward serve` beside an API server that follows a script.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::api::{Answer, Api};

fn serve(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    command.args(["serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0"]);
    command.env("HOME", home).env("RUST_LOG", "debug").env_remove("KUBECONFIG");
    command.env_remove("KUBERNETES_SERVICE_HOST");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Ended with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It fails only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_read_is_not_logged() {
    let broken = r#"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[{"env":"hunter2"},"#;
    let api = Api::start(|_| Answer::Json(200, broken.to_owned())).await;
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".kube")).unwrap();
    fs::write(home.path().join(".kube/config"), api.kubeconfig()).unwrap();
    let log = tokio::task::spawn_blocking(move || {
        let mut serving = Serving(serve(home.path()).spawn().unwrap());
        let stderr = BufReader::new(serving.0.stderr.take().expect("a pipe"));
        let mut log = String::new();
        for line in stderr.lines().map_while(Result::ok) {
            log += &format!("{line}\n");
            if log.matches("cannot be reached or understood").count() >= 4 {
                break;
            }
        }
        log
    });
    let log = log.await.unwrap();
    assert!(log.contains("cannot be reached or understood"), "{log}");
    assert!(log.contains("serving"), "it serves all the same\n{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_cluster_that_must_be_watched_has_to_be_there() {
    let home = tempfile::tempdir().unwrap();
    let output = serve(home.path()).arg("--watch=on").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot find a cluster to watch"), "{stderr}");
    assert!(stderr.contains("--watch off"), "{stderr}");
}

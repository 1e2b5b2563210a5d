//! The real `lagward serve` as a process among others.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Ended with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It fails only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn as_many_descriptors_are_taken_as_there_may_be() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 64 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_lagward")]);
    command.args(["serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--watch=off"]);
    let mut serving = Serving(command.stderr(Stdio::piped()).spawn().unwrap());
    let log = BufReader::new(serving.0.stderr.take().expect("a pipe"));
    assert!(log.lines().map_while(Result::ok).any(|line| line.contains("serving")));
    let limits = fs::read_to_string(format!("/proc/{}/limits", serving.0.id())).expect("it runs, on Linux");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    let [.., soft, hard, _] = files.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{files}") };
    assert_eq!(soft, hard);
}

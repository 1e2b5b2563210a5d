//! A scenario as a test that the runner lists, filters and reports.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use libtest_mimic::{Failed, Trial};

use crate::lagward;

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps a panic's place and message for the report of its scenario, instead of printing it between others.
pub(crate) fn remember_panics() {
    panic::set_hook(Box::new(|panic| LAST_PANIC.with_borrow_mut(|last| *last = panic.to_string())));
}

/// A function of a topic as a test.
pub(crate) fn trial(topic: &str, name: &str, run: fn()) -> Trial {
    let topic = topic.rsplit("::").next().unwrap_or(topic);
    Trial::test(format!("{topic}::{name}"), move || {
        panic::catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
            let message = LAST_PANIC.with_borrow(Clone::clone);
            Failed::from(format!("{message}\n{}", lagward::tails()))
        })
    })
}

/// The list of a topic's scenarios: a function that is not in it is dead code, which the compiler reports.
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn scenarios() -> Vec<libtest_mimic::Trial> {
            vec![$($crate::scenario::trial(module_path!(), stringify!($name), $name)),+]
        }
    };
}
pub(crate) use scenarios;

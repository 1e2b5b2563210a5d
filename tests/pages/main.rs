//! Every rule page is executable: its examples are judged by each front, and what a page promises is held for all
//! rules at once.
//!
//! A test is named by its page and the number of its example: `LW201/3 one consumer is no group`.

mod case;
mod laws;
mod page;
mod trust;
mod ways;
mod world;

use lagward::rules::RULES;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> std::process::ExitCode {
    let mut trials = vec![Trial::test("rules: table", || laws::table().map_err(Failed::from))];
    for rule in RULES.iter().copied() {
        let page = match page::read(rule) {
            Ok(page) => page,
            Err(why) => {
                trials.push(Trial::test(format!("{}: page", rule.code), || Err(Failed::from(why))));
                continue;
            }
        };
        let cases = page.cases.clone();
        trials.push(Trial::test(format!("{}: a field less", rule.code), move || {
            cases.iter().try_for_each(trust::run).map_err(Failed::from)
        }));
        for example in page.cases.clone() {
            let name = format!("{}/{} {}", rule.code, example.number, example.title);
            trials.push(Trial::test(name, move || case::run(rule, &example).map_err(Failed::from)));
        }
        trials.push(Trial::test(format!("{}: page", rule.code), move || {
            laws::page(rule, &page).map_err(Failed::from)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

//! Writes texts of every style, by random decisions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Decisions, read from random bytes: what is left out is zero, which is always the plainest choice.
pub(super) struct Choices<'a> {
    bytes: &'a [u8],
    /// How many comments were written so far.
    pub(super) comments: usize,
    anchors: Vec<(String, bool)>,
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, comments: 0, anchors: Vec::new() }
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % bound
    }

    /// True once in `odds`.
    pub(super) fn rarely(&mut self, odds: usize) -> bool {
        self.below(odds) == odds - 1
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        comment(self.comments)
    }
}

const KEYS: [&str; 8] = ["a", "b", "c", "name", "\"d\"", "'e'", "lagThreshold", "x.y/z"];
const SCALARS: [&str; 19] = [
    "1",
    "word",
    "\"10\"",
    "'it''s'",
    "true",
    "\"\\u00e4\\n\"",
    "null",
    "~",
    "two words",
    "a:b",
    "0x10",
    "\"#\"",
    "'a: b'",
    "!!str 7",
    "yes",
    "\"\"",
    "-Dt=45 -Xy",
    "\"{\\\"t\\\": 45}\"",
    "ü",
];
const FLOW_SCALARS: [&str; 7] = ["1", "word", "\"10\"", "'x, y'", "null", "true", "\"}\""];

struct Emitter<'a, 'b> {
    choices: &'a mut Choices<'b>,
    out: String,
    step: usize,
    list: usize,
}

impl Emitter<'_, '_> {
    /// The end of a line, with what may come below it.
    fn end_line(&mut self, indent: usize) {
        if self.choices.rarely(5) {
            let comment = self.choices.comment();
            self.out += &format!("  {comment}");
        }
        self.out.push('\n');
        if self.choices.rarely(7) {
            self.out.push('\n');
        }
        if self.choices.rarely(6) {
            let deeper = self.choices.below(3) * 2;
            let comment = self.choices.comment();
            self.out += &format!("{:1$}{comment}\n", "", indent + deeper);
        }
    }

    /// `&name ` now and then.
    fn anchor(&mut self, is_map: bool) {
        if self.choices.rarely(9) {
            let name = format!("n{}", self.choices.anchors.len());
            self.out += &format!("&{name} ");
            self.choices.anchors.push((name, is_map));
        }
    }

    fn map(&mut self, indent: usize, depth: usize, is_inline: bool) {
        let count = 1 + self.choices.below(4);
        let mut keys = BTreeSet::new();
        for index in 0..count {
            let key = self.choices.pick(&KEYS);
            if !keys.insert(key) {
                continue;
            }
            if index > 0 || !is_inline {
                self.out += &" ".repeat(indent);
            }
            let merged = self.choices.anchors.iter().rev().find(|(_, is_map)| *is_map).cloned();
            if let (Some((name, _)), true) = (merged, self.choices.rarely(8))
                && keys.insert("<<")
            {
                self.out += &format!("<<: *{name}");
                self.end_line(indent);
                self.out += &" ".repeat(indent);
            }
            self.out += &format!("{key}:");
            self.value(indent, depth, self.step, self.list);
        }
    }

    fn list(&mut self, indent: usize, depth: usize, is_inline: bool) {
        for index in 0..1 + self.choices.below(3) {
            if index > 0 || !is_inline {
                self.out += &" ".repeat(indent);
            }
            self.out.push('-');
            let gap = 1 + self.choices.below(2) * 2;
            match self.choices.below(5) {
                0 if depth > 0 => {
                    self.out += &" ".repeat(gap);
                    self.map(indent + 1 + gap, depth - 1, true);
                }
                1 if depth > 0 => {
                    self.out += &" ".repeat(gap);
                    self.list(indent + 1 + gap, depth - 1, true);
                }
                _ => self.value(indent, depth.saturating_sub(1), gap + 1, gap + 1),
            }
        }
    }

    /// A value behind a key or a dash that stands `indent` columns in.
    fn value(&mut self, indent: usize, depth: usize, step: usize, list: usize) {
        let kind = if depth == 0 { self.choices.below(4) } else { self.choices.below(11) };
        match kind {
            0 => self.end_line(indent),
            1 | 2 => {
                self.out.push(' ');
                self.anchor(false);
                let scalar = self.choices.pick(&SCALARS);
                self.out += scalar;
                self.end_line(indent);
            }
            3 => self.text(indent),
            4 | 5 => {
                self.out.push(' ');
                self.anchor(false);
                self.flow(indent, depth - 1);
                self.end_line(indent);
            }
            6 => {
                let Some((name, _)) = self.choices.anchors.last().cloned() else {
                    return self.end_line(indent);
                };
                self.out += &format!(" *{name}");
                self.end_line(indent);
            }
            7 | 8 => {
                self.out.push(' ');
                self.anchor(true);
                self.end_line(indent + step);
                self.map(indent + step, depth - 1, false);
            }
            _ => {
                self.out.push(' ');
                self.anchor(false);
                self.end_line(indent + list);
                self.list(indent + list, depth - 1, false);
            }
        }
    }

    fn text(&mut self, indent: usize) {
        let header = self.choices.pick(&["|", ">-", "|+", ">", "|-"]);
        self.out += &format!(" {header}");
        if self.choices.rarely(6) {
            let comment = self.choices.comment();
            self.out += &format!(" {comment}");
        }
        self.out.push('\n');
        for _ in 0..1 + self.choices.below(3) {
            let line = self.choices.pick(&["t=45", "{\"t\": 45}", "# no comment", "", "  deeper"]);
            self.out += &format!("{:1$}{line}\n", "", indent + 2);
        }
    }

    fn flow(&mut self, indent: usize, depth: usize) {
        let is_map = self.choices.below(2) == 0;
        let (open, close) = if is_map { ('{', '}') } else { ('[', ']') };
        let lines = self.choices.rarely(3);
        let count = self.choices.below(4);
        let pad = self.choices.pick(&["", " "]);
        self.out.push(open);
        self.out += pad;
        for index in 0..count {
            if lines {
                if self.choices.rarely(4) {
                    let comment = self.choices.comment();
                    self.out += &format!(" {comment}");
                }
                self.out += &format!("\n{:1$}", "", indent + 4);
            }
            if is_map {
                self.out += &format!("{}: ", ["a", "\"b\"", "c", "d"][index]);
            }
            if depth > 0 && self.choices.rarely(3) {
                self.flow(indent + 4, depth - 1);
            } else {
                self.out += self.choices.pick(&FLOW_SCALARS);
            }
            let is_last = index + 1 == count;
            if !is_last || self.choices.rarely(4) {
                self.out += self.choices.pick(&[", ", ","]);
            }
        }
        if lines && count > 0 {
            self.out += &format!("\n{:1$}", "", indent + 2);
        }
        self.out += pad;
        self.out.push(close);
    }
}

/// The comment of this number, with what must not be taken for anything else.
pub(super) fn comment(number: usize) -> String {
    format!("# c{number}: \"x\" {{")
}

/// A text of one or two documents.
pub(super) fn text(choices: &mut Choices<'_>) -> String {
    let step = [2, 4, 3][choices.below(3)];
    let list = [step, 0][choices.below(2)];
    let style = choices.below(12);
    if style >= 10 {
        return json_text(choices, style == 11);
    }
    let mut emitter = Emitter { choices, out: String::new(), step, list };
    for document in 0..1 + emitter.choices.below(2) {
        if document > 0 {
            emitter.out += "---\n";
            emitter.choices.anchors.clear();
        }
        if emitter.choices.rarely(4) {
            emitter.list(0, 4, false);
        } else {
            emitter.map(0, 4, false);
        }
    }
    let mut out = emitter.out;
    if choices.rarely(4) {
        out.truncate(out.trim_end().len());
    }
    if choices.rarely(4) {
        out = out.replace('\n', "\r\n");
    }
    if choices.rarely(6) {
        out.insert(0, '\u{feff}');
    }
    out
}

fn json_text(choices: &mut Choices<'_>, is_pretty: bool) -> String {
    let value = json_value(choices, 4);
    if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap()
}

fn json_value(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth == 0 { 4 } else { 7 }) {
        0 => json!("10"),
        1 => json!(7),
        2 => Value::Null,
        3 => json!("a \"quoted\" ü\n"),
        4 => (0..choices.below(3)).map(|_| json_value(choices, depth - 1)).collect(),
        _ => {
            let count = choices.below(4);
            let member = |key: &str| (key.to_owned(), json_value(choices, depth - 1));
            Value::Object(["a", "b", "c", "d"].into_iter().take(count).map(member).collect())
        }
    }
}

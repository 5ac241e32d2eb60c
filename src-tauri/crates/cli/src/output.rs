//! What reaches the terminal: one JSON document, or words and tables for people.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::arguments::Common;

/// How to speak.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Output {
    json: bool,
    json_lines: bool,
    quiet: bool,
    colour: bool,
}

/// What a word means, told by colour beside the word itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing.
    Plain,
    /// Less important.
    Faint,
    /// More important.
    Strong,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// To be looked at.
    Warn,
}

impl Output {
    /// As the command line and the terminal have it.
    pub fn new(common: &Common) -> Self {
        let plain = common.no_color
            || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            json: common.json,
            json_lines: common.json_lines,
            quiet: common.quiet,
            colour: !plain && io::stdout().is_terminal(),
        }
    }

    /// Whether standard output is for a program.
    pub fn is_json(self) -> bool {
        self.json || self.json_lines
    }

    /// Whether events are wanted as lines.
    pub fn is_json_lines(self) -> bool {
        self.json_lines
    }

    /// Whether progress and remarks are wanted on standard error.
    pub fn is_talkative(self) -> bool {
        !self.quiet
    }

    /// Prints the answer: as JSON where asked for, else in words.
    pub fn answer<T: Serialize>(self, answer: &T, words: impl FnOnce(&mut Words)) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json_lines {
            serde_json::to_writer(&mut out, answer)?;
            writeln!(out)?;
        } else if self.json {
            serde_json::to_writer_pretty(&mut out, answer)?;
            writeln!(out)?;
        } else {
            let mut text = Words { text: String::new(), colour: self.colour };
            words(&mut text);
            out.write_all(text.text.as_bytes())?;
        }
        out.flush()
    }

    /// Prints one event as a line.
    pub fn event<T: Serialize>(event: &T) -> io::Result<()> {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, event)?;
        writeln!(out)?;
        out.flush()
    }

    /// Says something beside the answer, on standard error.
    pub fn remark(self, text: &str) {
        if self.is_talkative() {
            // A closed standard error must not end the work.
            writeln!(io::stderr(), "{}", escape(text)).ok();
        }
    }
}

/// Words and tables.
#[derive(Debug)]
pub struct Words {
    text: String,
    colour: bool,
}

impl Words {
    /// A line.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(&escape(text.as_ref()));
        self.text.push('\n');
    }

    /// A line in a tone.
    pub fn toned(&mut self, tone: Tone, text: impl AsRef<str>) {
        let painted = self.paint(tone, &escape(text.as_ref()));
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    /// Text as it is, e.g. a diff; control characters are escaped, line by line.
    pub fn block(&mut self, text: &str) {
        for line in text.lines() {
            let tone = match line.as_bytes().first() {
                Some(b'+') => Tone::Good,
                Some(b'-') => Tone::Bad,
                Some(b'@') => Tone::Faint,
                _ => Tone::Plain,
            };
            self.toned(tone, line);
        }
    }

    /// A table: a column is flush right where its heading begins with `>`.
    pub fn table(&mut self, headings: &[&str], rows: &[Vec<(Tone, String)>]) {
        let right: Vec<bool> = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let headings: Vec<&str> = headings.iter().map(|heading| heading.trim_start_matches('>')).collect();
        let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
        let rows: Vec<Vec<(Tone, String)>> =
            rows.iter().map(|row| row.iter().map(|(tone, text)| (*tone, escape(text))).collect()).collect();
        for row in &rows {
            for (width, (_, cell)) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let heading: Vec<(Tone, String)> =
            headings.iter().map(|text| (Tone::Faint, (*text).to_owned())).collect();
        for row in std::iter::once(&heading).chain(&rows) {
            let mut line = String::new();
            let last = row.len().saturating_sub(1);
            for (column, ((tone, cell), width)) in row.iter().zip(&widths).enumerate() {
                let padding = " ".repeat(width - cell.chars().count());
                let cell = self.paint(*tone, cell);
                if right[column] {
                    line.push_str(&padding);
                    line.push_str(&cell);
                } else {
                    line.push_str(&cell);
                    if column < last {
                        line.push_str(&padding);
                    }
                }
                if column < last {
                    line.push_str("  ");
                }
            }
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colour || text.is_empty() => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Faint => "2",
            Tone::Strong => "1",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Warn => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Text of a repository is only ever text: control and bidirectional characters are shown, not obeyed.
pub fn escape(text: &str) -> String {
    let risky = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(risky) {
        return text.to_owned();
    }
    text.chars().map(|c| if risky(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_never_told_what_to_do_by_a_repository() {
        let hostile = "fix\u{1b}]0;owned\u{7} \u{202e}txt.exe";
        let shown = escape(hostile);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
        assert!(shown.contains("u{1b}"), "what was there is shown: {shown:?}");
    }

    #[test]
    fn columns_stand_under_their_headings() {
        let mut words = Words { text: String::new(), colour: false };
        let row = |a: &str, b: &str| vec![(Tone::Plain, a.to_owned()), (Tone::Good, b.to_owned())];
        words.table(&["name", ">value"], &[row("accuracy", "0.9"), row("f1", "0.875")]);
        assert_eq!(words.text, "name      value\naccuracy    0.9\nf1        0.875\n");
    }
}

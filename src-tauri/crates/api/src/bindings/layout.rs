//! Lays generated TypeScript out for people who read it: a member a line where members are described.

/// Wider unions are broken, an alternative a line.
const WIDTH: usize = 110;

/// One declaration or type, laid out.
pub(super) fn lay_out(text: &str) -> String {
    let mut layout = Layout { rest: text.trim(), out: String::new(), open: Vec::new() };
    while let Some(next) = layout.rest.chars().next() {
        layout.step(next);
    }
    break_union(&layout.out)
}

/// `text` as a `JSDoc` comment with its line end, each line behind `indent`.
pub(super) fn comment(text: &str, indent: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(str::trim).collect();
    match lines[..] {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        _ => {
            let lines: String =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

/// What a bracket that is open began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Members, a line each.
    Lines,
    /// Members in one line.
    Line,
    /// A list, a tuple or the arguments of a type.
    Other,
}

struct Layout<'a> {
    rest: &'a str,
    out: String,
    open: Vec<Open>,
}

impl<'a> Layout<'a> {
    fn step(&mut self, next: char) {
        match next {
            '/' if self.rest.starts_with("/**") => self.comment(),
            '"' => self.string(),
            '{' => self.members(),
            '[' | '(' | '<' => {
                self.open.push(Open::Other);
                self.copy(1);
            }
            ']' | ')' | '>' => {
                self.open.pop();
                self.copy(1);
            }
            '}' => self.end(),
            ',' | ';' if matches!(self.open.last(), Some(Open::Lines | Open::Line)) => self.separator(),
            _ if next.is_whitespace() => self.space(),
            _ => self.copy(next.len_utf8()),
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn copy(&mut self, length: usize) {
        let taken = self.take(length);
        self.out.push_str(taken);
    }

    fn indent(&self) -> String {
        "  ".repeat(self.open.iter().filter(|open| **open == Open::Lines).count())
    }

    fn new_line(&mut self) {
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let indent = self.indent();
        self.out.push_str(&indent);
        self.rest = self.rest.trim_start();
    }

    fn comment(&mut self) {
        let end = self.rest.find("*/").map_or(self.rest.len(), |at| at + 2);
        let taken = self.take(end);
        let inner = taken.trim_start_matches("/**").trim_end_matches("*/");
        let lines: Vec<_> =
            inner.trim().lines().map(|line| line.trim().trim_start_matches('*').trim()).collect();
        self.new_line();
        let indent = self.indent();
        self.out.push_str(comment(&lines.join("\n"), &indent).trim());
        self.new_line();
    }

    fn string(&mut self) {
        let end = self.rest[1..].find('"').map_or(self.rest.len(), |at| at + 2);
        self.copy(end);
    }

    fn members(&mut self) {
        self.take(1);
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('}') {
            self.take(1);
            self.out.push_str("Record<string, never>");
        } else if self.rest[..closing(self.rest)].contains("/**") {
            self.out.push('{');
            self.open.push(Open::Lines);
            self.new_line();
        } else {
            self.out.push_str("{ ");
            self.open.push(Open::Line);
        }
    }

    fn end(&mut self) {
        self.take(1);
        let began = self.open.pop();
        self.out.truncate(self.out.trim_end().len());
        if began == Some(Open::Lines) {
            let indent = self.indent();
            self.out.push('\n');
            self.out.push_str(&indent);
        } else {
            self.out.push(' ');
        }
        self.out.push('}');
    }

    fn separator(&mut self) {
        self.take(1);
        self.rest = self.rest.trim_start();
        if self.open.last() == Some(&Open::Lines) {
            self.out.push(';');
            self.new_line();
        } else if !self.rest.starts_with('}') {
            self.out.push_str("; ");
        }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
        if !self.out.ends_with(char::is_whitespace) && !self.out.is_empty() {
            self.out.push(' ');
        }
    }
}

/// Where the bracket that is open at the beginning of `text` closes.
fn closing(text: &str) -> usize {
    let mut depth = 1_usize;
    for (at, next) in text.char_indices() {
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A long union of words, an alternative a line.
fn break_union(text: &str) -> String {
    let broken = text.lines().map(|line| match line.split_once(" = ") {
        Some((name, union)) if line.len() > WIDTH && !union.contains('{') => {
            format!("{name} =\n  | {}", union.replace(" | ", "\n  | "))
        }
        _ => line.to_owned(),
    });
    broken.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn described_members_stand_a_line_each_and_others_in_one() {
        let text = "type A = { \n/**\n * One; or {two}.\n */\nb: [number, string], c: { d: \"x, {y}\", e?: Array<F>, }, };";
        let expected = "type A = {\n  /** One; or {two}. */\n  b: [number, string];\n  c: { d: \"x, {y}\"; e?: Array<F> };\n};";
        assert_eq!(lay_out(text), expected);
    }

    #[test]
    fn tagged_alternatives_keep_their_comments() {
        let text = "type A = { \"k\": \"b\", \n/**\n * One.\n */\nc: D | null, } | { \"k\": \"e\", };";
        let expected = "type A = {\n  \"k\": \"b\";\n  /** One. */\n  c: D | null;\n} | { \"k\": \"e\" };";
        assert_eq!(lay_out(text), expected);
    }

    #[test]
    fn no_member_is_no_object_of_any_shape() {
        assert_eq!(lay_out("type A = {  };"), "type A = Record<string, never>;");
    }

    #[test]
    fn long_unions_are_broken() {
        let words: Vec<_> = (0..20).map(|number| format!("\"word_{number}\"")).collect();
        let laid = lay_out(&format!("type A = {};", words.join(" | ")));
        assert_eq!(laid.lines().count(), 21);
        assert!(laid.starts_with("type A =\n  | \"word_0\"\n"), "{laid}");
        assert!(laid.ends_with("\n  | \"word_19\";"), "{laid}");
    }

    #[test]
    fn comments_of_several_lines_stay_so() {
        assert_eq!(comment("One.\n\nTwo.", "  "), "  /**\n   * One.\n   *\n   * Two.\n   */\n");
    }
}

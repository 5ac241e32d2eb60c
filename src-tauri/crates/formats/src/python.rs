//! Assignments of literals in a Python file, as DVC takes parameters from one. The file is never run.

use serde_json::{Map, Number, Value};

use crate::Unreadable;

/// How deep literals may nest.
const MAX_DEPTH: usize = 32;

/// The names that the file, its classes, and their `__init__` methods (`self.name`) give a literal; a class's are an
/// object under its name. What is no literal is no parameter.
pub(crate) fn assignments(text: &str) -> Result<Map<String, Value>, Unreadable> {
    let mut found = Map::new();
    // Where we are: the classes around, each with its indentation, and the indentation of an `__init__`.
    let mut classes: Vec<(String, usize)> = Vec::new();
    let mut init: Option<usize> = None;
    for line in logical_lines(text)? {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        classes.truncate(classes.iter().take_while(|(_, outer)| indent > *outer).count());
        init = init.filter(|outer| indent > *outer);
        if let Some(rest) = body.strip_prefix("class ") {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_ours = (indent == 0 || !classes.is_empty()) && init.is_none() && classes.len() < MAX_DEPTH;
            if is_ours && !name.is_empty() {
                classes.push((name, indent));
            }
            continue;
        }
        if !classes.is_empty() && body.starts_with("def __init__") {
            init = Some(indent);
            continue;
        }
        let Some((target, literal)) = assignment(body) else { continue };
        let target = if init.is_some() { target.strip_prefix("self.") } else { Some(target) };
        let Some(target) = target.filter(|target| is_name(target)) else { continue };
        if classes.is_empty() && indent > 0 {
            continue;
        }
        if let (Ok(value), Some(place)) = (Literal::read(literal), fields_of(&mut found, &classes)) {
            place.insert(target.to_owned(), value);
        }
    }
    Ok(found)
}

/// The fields of the innermost class.
fn fields_of<'a>(
    found: &'a mut Map<String, Value>,
    classes: &[(String, usize)],
) -> Option<&'a mut Map<String, Value>> {
    classes.iter().try_fold(found, |fields, (name, _)| {
        fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
    })
}

/// Lines with what their brackets and strings go on to; without comments.
fn logical_lines(text: &str) -> Result<Vec<String>, Unreadable> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut depth = 0_usize;
    let mut quote: Option<(char, bool)> = None;
    let mut number = 1_u64;
    let mut began = 1_u64;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\n' {
            number += 1;
        }
        if let Some((mark, long)) = quote {
            current.push(letter);
            if letter == '\\' {
                if let Some(next) = letters.next() {
                    number += u64::from(next == '\n');
                    current.push(next);
                }
            } else if letter == mark && (!long || ends_long(&mut letters, mark, &mut current)) {
                quote = None;
            } else if letter == '\n' && !long {
                return Err(Unreadable::at(began, "a text does not end on its line"));
            }
            continue;
        }
        match letter {
            '#' => while letters.next_if(|next| *next != '\n').is_some() {},
            '"' | '\'' => {
                current.push(letter);
                let mut ahead = letters.clone();
                let long = ahead.next() == Some(letter) && ahead.next() == Some(letter);
                if long {
                    current.extend([letter, letter]);
                    letters.nth(1);
                }
                quote = Some((letter, long));
            }
            '\\' if letters.peek() == Some(&'\n') => {
                letters.next();
                number += 1;
            }
            '\n' if depth == 0 => {
                if !current.trim().is_empty() {
                    lines.push(std::mem::take(&mut current));
                }
                current.clear();
                began = number;
            }
            '\n' => current.push(' '),
            '\r' => {}
            _ => {
                match letter {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                current.push(letter);
            }
        }
    }
    if depth > 0 || quote.is_some() {
        return Err(Unreadable::at(began, "what begins here does not end"));
    }
    if !current.trim().is_empty() {
        lines.push(current);
    }
    Ok(lines)
}

/// Whether two more marks follow, which are taken along.
fn ends_long(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, mark: char, to: &mut String) -> bool {
    let mut ahead = letters.clone();
    let ends = ahead.next() == Some(mark) && ahead.next() == Some(mark);
    if ends {
        to.extend([mark, mark]);
        letters.nth(1);
    }
    ends
}

/// `name = literal` or `name: type = literal`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let at = line.find('=')?;
    let (target, rest) = line.split_at(at);
    let literal = rest.get(1..)?;
    if literal.starts_with('=')
        || target.ends_with(['!', '<', '>', '+', '-', '*', '/', '%', '|', '&', '^', '@', ':'])
    {
        return None;
    }
    let target = target.split_once(':').map_or(target, |(name, _)| name).trim();
    Some((target, literal.trim()))
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// Reads one literal: numbers, texts, `True`, `False`, `None`, lists, tuples, sets and dictionaries of them.
struct Literal<'a> {
    rest: &'a str,
}

struct NoLiteral;

impl<'a> Literal<'a> {
    fn read(text: &'a str) -> Result<Value, NoLiteral> {
        let mut reader = Self { rest: text };
        let mut value = reader.value(0)?;
        reader.space();
        if reader.rest.starts_with(',') {
            // A tuple without its brackets.
            let mut items = vec![value];
            while reader.skip(',') {
                reader.space();
                if reader.rest.is_empty() {
                    break;
                }
                items.push(reader.value(1)?);
                reader.space();
            }
            value = Value::Array(items);
        }
        if reader.rest.is_empty() { Ok(value) } else { Err(NoLiteral) }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn skip(&mut self, letter: char) -> bool {
        self.space();
        let Some(rest) = self.rest.strip_prefix(letter) else { return false };
        self.rest = rest;
        true
    }

    fn value(&mut self, depth: usize) -> Result<Value, NoLiteral> {
        if depth > MAX_DEPTH {
            return Err(NoLiteral);
        }
        self.space();
        match self.rest.chars().next().ok_or(NoLiteral)? {
            '[' => self.items('[', ']', depth),
            '(' => self.items('(', ')', depth),
            '{' => self.braces(depth),
            '"' | '\'' => self.text().map(Value::String),
            letter if letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.') => self.number(),
            _ => self.word(),
        }
    }

    fn items(&mut self, open: char, close: char, depth: usize) -> Result<Value, NoLiteral> {
        self.skip(open);
        let mut items = Vec::new();
        let mut commas = 0;
        while !self.skip(close) {
            items.push(self.value(depth + 1)?);
            if self.skip(',') {
                commas += 1;
            } else if !self.skip(close) {
                return Err(NoLiteral);
            } else {
                break;
            }
        }
        // `(1)` is 1.
        match (open, commas, items.len()) {
            ('(', 0, 1) => items.pop().ok_or(NoLiteral),
            _ => Ok(Value::Array(items)),
        }
    }

    fn braces(&mut self, depth: usize) -> Result<Value, NoLiteral> {
        self.skip('{');
        if self.skip('}') {
            return Ok(Value::Object(Map::new()));
        }
        let first = self.value(depth + 1)?;
        if !self.skip(':') {
            // A set.
            let mut items = vec![first];
            loop {
                let comma = self.skip(',');
                if self.skip('}') {
                    return Ok(Value::Array(items));
                }
                if !comma {
                    return Err(NoLiteral);
                }
                items.push(self.value(depth + 1)?);
            }
        }
        let mut fields = Map::new();
        let mut key = first;
        loop {
            let name = match key {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => return Err(NoLiteral),
            };
            fields.insert(name, self.value(depth + 1)?);
            let comma = self.skip(',');
            if self.skip('}') {
                return Ok(Value::Object(fields));
            }
            if !comma {
                return Err(NoLiteral);
            }
            key = self.value(depth + 1)?;
            if !self.skip(':') {
                return Err(NoLiteral);
            }
        }
    }

    fn text(&mut self) -> Result<String, NoLiteral> {
        let mark = self.rest.chars().next().ok_or(NoLiteral)?;
        let triple: String = [mark; 3].iter().collect();
        let fence = if self.rest.starts_with(&triple) { triple } else { mark.to_string() };
        let mut rest = self.rest.get(fence.len()..).ok_or(NoLiteral)?;
        let mut text = String::new();
        loop {
            if let Some(after) = rest.strip_prefix(&fence) {
                self.rest = after;
                return Ok(text);
            }
            let mut letters = rest.chars();
            match letters.next().ok_or(NoLiteral)? {
                '\\' => match letters.next().ok_or(NoLiteral)? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '\n' => {}
                    plain @ ('\\' | '\'' | '"') => text.push(plain),
                    other => text.extend(['\\', other]),
                },
                letter => text.push(letter),
            }
            rest = letters.as_str();
        }
    }

    fn number(&mut self) -> Result<Value, NoLiteral> {
        let sign = self.rest.starts_with('-');
        let digits = self.rest.trim_start_matches(['-', '+']);
        if self.rest.len() - digits.len() > 1 {
            return Err(NoLiteral);
        }
        let is_part = |(at, letter): (usize, char)| {
            letter.is_ascii_alphanumeric()
                || matches!(letter, '.' | '_')
                || (matches!(letter, '-' | '+') && at > 0 && matches!(digits.as_bytes()[at - 1], b'e' | b'E'))
        };
        let end = digits.char_indices().find(|part| !is_part(*part)).map_or(digits.len(), |(at, _)| at);
        let word = digits.get(..end).ok_or(NoLiteral)?.replace('_', "");
        self.rest = digits.get(end..).ok_or(NoLiteral)?;
        let based = [("0x", 16), ("0o", 8), ("0b", 2)].iter().find_map(|(mark, base)| {
            word.to_ascii_lowercase().strip_prefix(mark).map(|digits| (digits.to_owned(), *base))
        });
        let whole = match based {
            Some((digits, base)) => i64::from_str_radix(&digits, base).ok(),
            None => word.parse().ok(),
        };
        if let Some(whole) = whole {
            return Ok(Value::from(if sign { -whole } else { whole }));
        }
        if !word.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return Err(NoLiteral);
        }
        let number: f64 = word.parse().map_err(|_| NoLiteral)?;
        Number::from_f64(if sign { -number } else { number }).map(Value::Number).ok_or(NoLiteral)
    }

    fn word(&mut self) -> Result<Value, NoLiteral> {
        for (word, value) in
            [("True", Value::Bool(true)), ("False", Value::Bool(false)), ("None", Value::Null)]
        {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(NoLiteral)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_of_the_file_its_classes_and_their_beginnings() {
        let text = "import os\nLR = 1e-3  # a comment\nNAME: str = \"a # b\"\nLAYERS = [\n    32,  # wide\n    16,\n]\nPAIR = 1, 2\n\
                    BIG = 10_000\nHEX = -0x1f\nHERE = os.getcwd()\nif True:\n    HIDDEN = 1\n\n\
                    class Train:\n    epochs = 5\n    class Inner:\n        size = 1\n    def __init__(self):\n        self.seed = 7\n        local = 1\n    def other(self):\n        self.no = 1\n\nLAST = {'a': {'b': None}, 2: (3)}\n";
        let expected = json!({
            "LR": 0.001, "NAME": "a # b", "LAYERS": [32, 16], "PAIR": [1, 2], "BIG": 10_000, "HEX": -31,
            "Train": {"epochs": 5, "Inner": {"size": 1}, "seed": 7}, "LAST": {"a": {"b": null}, "2": 3},
        });
        assert_eq!(assignments(text).map(Value::Object), Ok(expected));
    }

    #[test]
    fn what_is_no_assignment_of_a_literal_is_no_parameter() {
        for text in [
            "a == 1",
            "a += 1",
            "a.b = 1",
            "a[0] = 1",
            "a = b",
            "a = 1 + 2",
            "a = f(1)",
            "a = 'x' 'y'",
            "lambda: 1",
        ] {
            assert_eq!(assignments(text), Ok(Map::new()), "{text}");
        }
        assert_eq!(assignments("a = '''x\ny'''\n").map(Value::Object), Ok(json!({"a": "x\ny"})));
        assert_eq!(assignments("x = 1\na = (1,\n").map_err(|error| error.line), Err(Some(2)));
    }
}

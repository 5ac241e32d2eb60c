//! The rows behind a plot: CSV, TSV, or JSON and YAML with a list of objects somewhere in it, as DVC reads them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Unreadable, read_values, utf8};

/// The most rows of one file.
pub const MAX_ROWS: usize = 200_000;
/// The most columns of one file.
const MAX_COLUMNS: usize = 1_000;
/// The most cells of one file.
const MAX_CELLS: usize = 4_000_000;

/// Rows of numbers by column. A cell that is no finite number is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Names of the columns, in the order of the file.
    pub columns: Vec<String>,
    /// Row by row, as many cells as there are columns.
    pub rows: Vec<Vec<Option<f64>>>,
    /// Whether there are more rows than were read.
    pub truncated: bool,
}

impl Rows {
    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Reads a file by its name's ending.
pub fn read_rows(path: &str, bytes: &[u8]) -> Result<Rows, Unreadable> {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "csv" => separated(utf8(bytes)?, ','),
        "tsv" => separated(utf8(bytes)?, '\t'),
        _ => listed(&read_values(path, bytes)?),
    }
}

fn separated(text: &str, separator: char) -> Result<Rows, Unreadable> {
    let mut records = Records { rest: text.strip_prefix('\u{feff}').unwrap_or(text), separator, line: 1 };
    let Some(header) = records.next().transpose()? else { return Ok(Rows::default()) };
    let columns = header.1;
    check_width(columns.len(), 1)?;
    let mut rows = Rows { columns, ..Rows::default() };
    for record in records {
        let (line, cells) = record?;
        if cells.len() != rows.columns.len() {
            let why = format!("it has {} cells where the first line has {}", cells.len(), rows.columns.len());
            return Err(Unreadable::at(line, why));
        }
        if rows.is_full() {
            rows.truncated = true;
            break;
        }
        rows.rows.push(cells.iter().map(|cell| number(cell)).collect());
    }
    Ok(rows)
}

impl Rows {
    fn is_full(&self) -> bool {
        self.rows.len() >= MAX_ROWS || self.rows.len().saturating_mul(self.columns.len()) >= MAX_CELLS
    }
}

fn check_width(columns: usize, line: u64) -> Result<(), Unreadable> {
    if columns > MAX_COLUMNS {
        return Err(Unreadable::at(line, format!("it has more than {MAX_COLUMNS} columns")));
    }
    Ok(())
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Lines of cells; a quoted cell may hold separators and ends of lines. Empty lines are left out.
struct Records<'a> {
    rest: &'a str,
    separator: char,
    line: u64,
}

impl Iterator for Records<'_> {
    /// The line it begins in, and its cells.
    type Item = Result<(u64, Vec<String>), Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let trimmed = self.rest.trim_start_matches('\r');
            match trimmed.strip_prefix('\n') {
                Some(rest) => {
                    self.rest = rest;
                    self.line += 1;
                }
                None if trimmed.is_empty() => return None,
                None => return Some(self.record()),
            }
        }
    }
}

impl Records<'_> {
    fn record(&mut self) -> Result<(u64, Vec<String>), Unreadable> {
        let began = self.line;
        let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
        let mut letters = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if is_quoted && letters.peek().is_some_and(|(_, next)| *next == '"') => {
                    cell.push('"');
                    letters.next();
                }
                '"' if is_quoted => is_quoted = false,
                '"' if cell.is_empty() => is_quoted = true,
                '\n' if !is_quoted => {
                    end = at;
                    break;
                }
                letter if letter == self.separator && !is_quoted => {
                    check_width(cells.len(), began)?;
                    cells.push(std::mem::take(&mut cell));
                }
                letter => {
                    if letter == '\n' {
                        self.line += 1;
                    }
                    cell.push(letter);
                }
            }
        }
        if is_quoted {
            return Err(Unreadable::at(began, "its quote never ends"));
        }
        if cell.ends_with('\r') {
            cell.pop();
        }
        cells.push(cell);
        self.rest = self.rest.get(end..).unwrap_or_default();
        Ok((began, cells))
    }
}

/// The first list of objects in a value: itself, or below its names in their order.
fn listed(value: &Value) -> Result<Rows, Unreadable> {
    let Some(list) = objects(value, 0) else {
        return Err(Unreadable::whole("it has no list of objects, which a plot is made of"));
    };
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Rows::default();
    for item in list {
        for name in item.as_object().into_iter().flat_map(|fields| fields.keys()) {
            if !places.contains_key(name.as_str()) {
                check_width(rows.columns.len() + 1, 1)?;
                places.insert(name, rows.columns.len());
                rows.columns.push(name.clone());
            }
        }
    }
    for item in list {
        if rows.is_full() {
            rows.truncated = true;
            break;
        }
        let cell = |name: &String| match item.get(name) {
            Some(Value::String(text)) => number(text),
            other => other.and_then(Value::as_f64).filter(|number| number.is_finite()),
        };
        rows.rows.push(rows.columns.iter().map(cell).collect());
    }
    Ok(rows)
}

fn objects(value: &Value, depth: usize) -> Option<&Vec<Value>> {
    match value {
        Value::Array(list) if list.first().is_some_and(Value::is_object) => Some(list),
        Value::Object(fields) if depth < 16 => fields.values().find_map(|value| objects(value, depth + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(path: &str, text: &str) -> Result<Rows, String> {
        read_rows(path, text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_of_file_gives_the_same_rows() {
        let expected = Rows {
            columns: vec!["step".to_owned(), "loss".to_owned()],
            rows: vec![vec![Some(0.0), Some(1.5)], vec![Some(1.0), None]],
            truncated: false,
        };
        for (path, text) in [
            ("a/loss.csv", "step,loss\n0,1.5\n1,nan\n"),
            ("loss.CSV", "\u{feff}\"step\",\"loss\"\r\n0,\"1.5\"\r\n\r\n1,\r\n"),
            ("loss.tsv", "step\tloss\n0\t1.5\n1\tnone"),
            ("loss.json", r#"[{"step": 0, "loss": 1.5}, {"step": 1, "loss": null}]"#),
            ("loss.json", r#"{"train": {"note": [1], "curve": [{"step": "0", "loss": 1.5}, {"step": 1}]}}"#),
            ("loss.yaml", "- {step: 0, loss: 1.5}\n- {step: 1, loss: x}\n"),
        ] {
            assert_eq!(read(path, text).as_ref(), Ok(&expected), "{path}: {text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert_eq!(read("a.csv", ""), Ok(Rows::default()));
        assert!(read("a.csv", "a,b\n1,2\n\n\"x\ny\",2\n3").is_err_and(|why| why.starts_with("line 6:")));
        assert!(read("a.csv", "a\n\"1\n2\n").is_err_and(|why| why.starts_with("line 2:")));
        assert!(read("a.json", r#"{"a": 1}"#).is_err(), "no rows");
        assert!(read("a.csv", &",".repeat(2_000)).is_err(), "too wide");
        assert!(read_rows("a.csv", b"\xff").is_err());
        let long = format!("a\n{}", "1\n".repeat(MAX_ROWS + 1));
        let cut = read("a.csv", &long).expect("read");
        assert_eq!((cut.rows.len(), cut.truncated), (MAX_ROWS, true));
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer(text in "[ab,\"\n\r\t1.é-]{0,60}", bytes: Vec<u8>) {
            for path in ["a.csv", "a.tsv", "a.json", "a.yaml"] {
                if let Ok(rows) = read_rows(path, text.as_bytes()) {
                    prop_assert!(rows.rows.iter().all(|row| row.len() == rows.columns.len()));
                }
                read_rows(path, &bytes).ok();
            }
        }

        #[test]
        fn quoted_cells_come_back(cells in proptest::collection::vec("[a,\"\n1]{1,6}", 1..5)) {
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            let read = read_rows("a.csv", quoted.join(",").as_bytes()).expect("sound");
            prop_assert_eq!(read.columns, cells);
        }
    }
}

//! A table of delimited text: a header, then rows, each cell with its place in the file.

use csv::{ByteRecord, ReaderBuilder};
use keelmark_types::{Location, Mistake};

use crate::mistakes::{Mistakes, listed, mistake, quoted};
use crate::{Error, MAX_COLUMNS, MAX_ROWS};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A table whose header was read and found sound.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    file: &'a str,
    bytes: &'a [u8],
    delimiter: u8,
    /// The names of the columns, each once.
    pub header: Vec<String>,
}

/// One row below the header.
#[derive(Debug)]
pub(crate) struct Row<'t> {
    table: &'t Table<'t>,
    record: &'t ByteRecord,
    /// Counted from 1 below the header.
    pub number: u64,
    /// Counted from 1 in the file.
    pub line: u64,
    start: usize,
}

impl<'a> Table<'a> {
    /// Reads the header. The delimiter is a tab where the file's name ends in `.tsv` or `.tab`, else a comma.
    pub(crate) fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let extension = file.rsplit('.').next().unwrap_or_default();
        let tabbed = extension.eq_ignore_ascii_case("tsv") || extension.eq_ignore_ascii_case("tab");
        let mut table =
            Self { file, bytes, delimiter: if tabbed { b'\t' } else { b',' }, header: Vec::new() };
        let mut record = ByteRecord::new();
        let read = table.reader().read_byte_record(&mut record);
        if !read.is_ok_and(|any| any) {
            let expected = "a header that names the columns, then a row for each example";
            return Err(mistake(Location::file(file), "the file is empty", expected).into());
        }
        let start = table.skip_blank(0);
        let line = table.lines_before(start) + 1;
        let row = Row { table: &table, record: &record, number: 0, line, start };
        table.header = header_names(&row)?;
        Ok(table)
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(self.bytes)
    }

    /// Where the record really begins that the reader found at `start`: it passes over empty lines silently.
    fn skip_blank(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
    }

    fn lines_before(&self, end: usize) -> u64 {
        let before = self.bytes.get(..end).unwrap_or_default();
        line_ends(before)
    }

    /// Shows each row with as many cells as the header has; others become mistakes. Ends early when `mistakes` is full.
    pub(crate) fn each_row(
        &self,
        mistakes: &mut Mistakes,
        mut visit: impl FnMut(&Row<'_>, &mut Mistakes),
    ) -> Result<u64, Error> {
        let mut reader = self.reader();
        let mut record = ByteRecord::new();
        let (mut number, mut line, mut counted) = (0_u64, 1_u64, 0_usize);
        let mut is_header = true;
        while !mistakes.is_full() {
            let at = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    return Err(
                        mistake(Location::file(self.file), error.to_string(), "a table of text").into()
                    );
                }
            }
            if std::mem::take(&mut is_header) {
                continue;
            }
            let start = self.skip_blank(at);
            let passed = self.bytes.get(counted..start).unwrap_or_default();
            line += line_ends(passed);
            counted = start;
            number += 1;
            if number > MAX_ROWS {
                return Err(Error::Unsupported {
                    what: format!("`{}`", self.file),
                    why: format!("it has more than {MAX_ROWS} rows"),
                });
            }
            let row = Row { table: self, record: &record, number, line, start };
            if record.len() == self.header.len() {
                visit(&row, mistakes);
            } else {
                mistakes.push(mistake(
                    Location { file: self.file.to_owned(), line: Some(line), column: None },
                    format!("row {number} has {} cells", record.len()),
                    format!("{} cells, as the header has", self.header.len()),
                ));
            }
        }
        Ok(number)
    }

    /// The cells of the first row below the header without blanks around them; empty where there is none.
    pub(crate) fn first_row(&self) -> Vec<String> {
        let mut reader = self.reader();
        let mut record = ByteRecord::new();
        for _ in 0..2 {
            if !reader.read_byte_record(&mut record).is_ok_and(|any| any) {
                return Vec::new();
            }
        }
        record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    }

    /// The place of the column called `name`.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The mistake of naming a column that is not there.
    pub(crate) fn missing_column(&self, name: &str, use_of_it: &str) -> Mistake {
        let expected =
            format!("one of the file's columns: {}", listed(self.header.iter().map(String::as_str)));
        mistake(
            self.header_location(),
            format!("there is no column {} ({use_of_it})", quoted(name)),
            expected,
        )
    }

    /// Where the header is.
    pub(crate) fn header_location(&self) -> Location {
        let line = self.lines_before(self.skip_blank(0)) + 1;
        Location { file: self.file.to_owned(), line: Some(line), column: None }
    }

    /// The whole file.
    pub(crate) fn location(&self) -> Location {
        Location::file(self.file)
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

fn header_names(row: &Row<'_>) -> Result<Vec<String>, Error> {
    if row.record.len() > MAX_COLUMNS {
        return Err(Error::Unsupported {
            what: format!("`{}`", row.table.file),
            why: format!("it has {} columns, at most {MAX_COLUMNS} are read", row.record.len()),
        });
    }
    let mut mistakes = Mistakes::default();
    let mut names: Vec<String> = Vec::with_capacity(row.record.len());
    let mut seen = std::collections::BTreeSet::new();
    for column in 0..row.record.len() {
        let Ok(name) = std::str::from_utf8(row.record.get(column).unwrap_or_default()).map(str::trim) else {
            mistakes.push(mistake(row.location(column), "the name of a column is not UTF-8", "UTF-8 text"));
            continue;
        };
        if name.is_empty() {
            let expected =
                "a name for every column (pandas: `to_csv(…, index=False)` leaves its row numbers out)";
            let message = format!("column {} has no name", column + 1);
            mistakes.push(mistake(row.location(column), message, expected));
        } else if !seen.insert(name.to_owned()) {
            let message = format!("there are two columns {}", quoted(name));
            mistakes.push(mistake(row.location(column), message, "names that differ"));
        }
        names.push(name.to_owned());
    }
    mistakes.finish()?;
    Ok(names)
}

impl Row<'_> {
    /// The cell without blanks around it; empty where the header is longer.
    pub(crate) fn text(&self, column: usize) -> Result<&str, Mistake> {
        let cell = self.record.get(column).unwrap_or_default();
        match std::str::from_utf8(cell) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(self.mistake(column, "is not UTF-8", "UTF-8 text")),
        }
    }

    /// The cell, which has to have something in it.
    pub(crate) fn filled(&self, column: usize) -> Result<&str, Mistake> {
        match self.text(column)? {
            "" => Err(self.mistake(column, "is empty", "a value")),
            text => Ok(text),
        }
    }

    /// The cell as a finite number.
    pub(crate) fn number(&self, column: usize) -> Result<f64, Mistake> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => {
                Err(self.mistake(column, &format!("is not finite: {}", quoted(text)), "a finite number"))
            }
            Err(_) if text.is_empty() => Err(self.mistake(column, "is empty", "a number")),
            Err(_) => Err(self.mistake(column, &format!("is not a number: {}", quoted(text)), "a number")),
        }
    }

    /// The mistake that the cell `is` something.
    pub(crate) fn mistake(&self, column: usize, is: &str, expected: impl Into<String>) -> Mistake {
        let name = self.table.header.get(column).map_or("", String::as_str);
        let message = format!("{} in row {} {is}", quoted(name), self.number);
        mistake(self.location(column), message, expected)
    }

    /// The mistake that the row as a whole `is` something.
    pub(crate) fn mistake_of_row(&self, is: &str, expected: impl Into<String>) -> Mistake {
        let location = Location { file: self.table.file.to_owned(), line: Some(self.line), column: None };
        mistake(location, format!("row {} {is}", self.number), expected)
    }

    /// Where a cell begins.
    fn location(&self, column: usize) -> Location {
        let rest = self.table.bytes.get(self.start..).unwrap_or_default();
        let (mut cell, mut in_quotes) = (0, false);
        let (mut line, mut characters) = (self.line, 1_u64);
        for &byte in rest {
            if cell == column {
                break;
            }
            match byte {
                b'"' => in_quotes = !in_quotes,
                byte if byte == self.table.delimiter && !in_quotes => cell += 1,
                _ => {}
            }
            if byte == b'\n' {
                (line, characters) = (line + 1, 1);
            } else if byte & 0xC0 != 0x80 {
                characters += 1;
            }
        }
        Location::at(self.table.file, line, characters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(file: &str, bytes: &[u8]) -> Vec<String> {
        let table = match Table::open(file, bytes) {
            Ok(table) => table,
            Err(error) => return error.mistakes().iter().map(ToString::to_string).collect(),
        };
        let mut mistakes = Mistakes::default();
        let read = table.each_row(&mut mistakes, |row, mistakes| {
            for column in 0..table.header.len() {
                if let Err(mistake) = row.number(column) {
                    mistakes.push(mistake);
                }
            }
        });
        read.expect("within the limits");
        match mistakes.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error.mistakes().iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn marks_line_ends_and_quotes_do_not_matter() {
        assert_eq!(messages("t.csv", b"\xEF\xBB\xBFa,b\r\n\"1\",2\r\n\r\n3,\"4\"\r\n"), Vec::<String>::new());
        assert_eq!(messages("t.tsv", b"a\tb\n1\t2"), Vec::<String>::new());
    }

    #[test]
    fn every_mistake_names_its_place() {
        assert_eq!(
            messages("t.csv", "a,bé,c\n\n1,\"x\ny\",3\n4,,inf\n5,6\n".as_bytes()),
            [
                "t.csv:3:3: `bé` in row 1 is not a number: `x\\ny` (expected a number)",
                "t.csv:5:3: `bé` in row 2 is empty (expected a number)",
                "t.csv:5:4: `c` in row 2 is not finite: `inf` (expected a finite number)",
                "t.csv:6: row 3 has 2 cells (expected 3 cells, as the header has)",
            ]
        );
    }

    #[test]
    fn headers_must_name_every_column_once() {
        assert_eq!(
            messages("t.csv", b""),
            [
                "t.csv: the file is empty (expected a header that names the columns, then a row for each example)"
            ]
        );
        assert_eq!(
            messages("t.csv", b"a,a\n"),
            ["t.csv:1:3: there are two columns `a` (expected names that differ)"]
        );
        assert!(messages("t.csv", b",a\n")[0].starts_with("t.csv:1:1: column 1 has no name"));
    }

    #[test]
    fn a_long_list_of_mistakes_is_cut() {
        let bytes = [b"a\n".as_slice(), &b"x\n".repeat(1000)].concat();
        assert_eq!(messages("t.csv", &bytes).len(), 20);
    }
}

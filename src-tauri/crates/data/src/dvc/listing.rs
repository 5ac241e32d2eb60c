//! The list of a tracked folder's files: what a digest that ends in `.dir` is of.

use std::collections::BTreeMap;

use keelmark_types::Location;
use serde::Deserialize;

use super::md5::{DigestKind, md5};
use crate::Error;
use crate::mistakes::{mistake, quoted};

/// No list is larger.
pub(crate) const MAX_LISTING_BYTES: u64 = 64 << 20;
/// No folder has more files.
pub(crate) const MAX_LISTED_FILES: usize = 1_000_000;

/// The files of a tracked folder: digest by path within it.
pub(crate) type Listing = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Row {
    md5: String,
    relpath: String,
}

/// Reads a list. `file` is what its mistakes are told of.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Listing, Error> {
    let at = |line: usize| Location {
        file: file.to_owned(),
        line: u64::try_from(line).ok().filter(|line| *line > 0),
        column: None,
    };
    let rows: Vec<Row> = serde_json::from_slice(bytes).map_err(|error| {
        mistake(
            at(error.line()),
            format!("the list of a folder cannot be read: {error}"),
            "a list as DVC writes it",
        )
    })?;
    // Which line a row stands in is not kept: DVC writes one.
    let wrong = |message: String| Error::from(mistake(at(1), message, "files within the folder, each once"));
    if rows.len() > MAX_LISTED_FILES {
        return Err(wrong(format!("the list has {} files, at most {MAX_LISTED_FILES} are read", rows.len())));
    }
    let mut listing = Listing::new();
    for Row { md5, relpath } in rows {
        if !is_within(&relpath) {
            return Err(wrong(format!("the list names {}, which leads out of its folder", quoted(&relpath))));
        }
        if !is_md5(&md5) {
            return Err(wrong(format!("{} of {} is no MD5 digest", quoted(&md5), quoted(&relpath))));
        }
        if let Some(twice) = listing.insert(relpath.clone(), md5).map(|_| relpath) {
            return Err(wrong(format!("the list names {} twice", quoted(&twice))));
        }
    }
    Ok(listing)
}

/// The digest of a list, as DVC writes it: a JSON text with Python's spaces and escapes, sorted by path.
pub(crate) fn digest(kind: DigestKind, listing: &Listing) -> String {
    md5(kind, text(listing).as_bytes())
}

/// The list as DVC writes it.
pub(crate) fn text(listing: &Listing) -> String {
    let rows =
        listing.iter().map(|(path, md5)| format!("{{\"md5\": \"{md5}\", \"relpath\": {}}}", ascii(path)));
    format!("[{}]", rows.collect::<Vec<_>>().join(", "))
}

/// A JSON string in ASCII, as Python writes it.
fn ascii(text: &str) -> String {
    use std::fmt::Write;
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for letter in text.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            ' '..='~' => written.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    write!(written, "\\u{unit:04x}").unwrap_or_default();
                }
            }
        }
    }
    written.push('"');
    written
}

pub(crate) fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a path stays within the folder it is seen from, and is written plainly.
pub(crate) fn is_within(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "b026324c6904b2a9cb4b88d6d61c81d1";
    const TWO: &str = "26ab0db90d72e28ad0ba1e22ee510510";

    #[test]
    fn a_list_is_read_and_written_as_dvc_does() {
        // dvc add of a folder with one.txt (1) and sub/two.txt (2).
        let written = format!(
            "[{{\"md5\": \"{ONE}\", \"relpath\": \"one.txt\"}}, {{\"md5\": \"{TWO}\", \"relpath\": \"sub/two.txt\"}}]"
        );
        let listing = read("x", written.as_bytes()).expect("a list");
        assert_eq!(listing["sub/two.txt"], TWO);
        assert_eq!(text(&listing), written);
        assert_eq!(digest(DigestKind::Plain, &listing), "1d7c61e193a422a32c749e9b3a2fa871");
        assert_eq!(ascii("é\u{1f600}\u{7f}\"\\"), "\"\\u00e9\\ud83d\\ude00\\u007f\\\"\\\\\"");
    }

    #[test]
    fn hostile_lists_are_told_with_file_and_line() {
        for (rows, why) in [
            (format!("[{{\"md5\": \"{ONE}\", \"relpath\": \"../x\"}}]"), "leads out of its folder"),
            (format!("[{{\"md5\": \"{ONE}\", \"relpath\": \"/etc/passwd\"}}]"), "leads out of its folder"),
            (format!("[{{\"md5\": \"{ONE}\", \"relpath\": \"a//b\"}}]"), "leads out of its folder"),
            (format!("[{{\"md5\": \"{ONE}\", \"relpath\": \"\"}}]"), "leads out of its folder"),
            ("[{\"md5\": \"../../x\", \"relpath\": \"a\"}]".to_owned(), "is no MD5 digest"),
            (
                format!(
                    "[{{\"md5\": \"{ONE}\", \"relpath\": \"a\"}}, {{\"md5\": \"{TWO}\", \"relpath\": \"a\"}}]"
                ),
                "twice",
            ),
            ("{}".to_owned(), "cannot be read"),
            (format!("[{}", "[".repeat(5000)), "cannot be read"),
        ] {
            let told = read("a.dvc", rows.as_bytes()).expect_err("hostile").to_string();
            assert!(told.starts_with("a.dvc:1: ") && told.contains(why), "{told}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _either = read("x", &bytes).is_ok();
        }

        #[test]
        fn what_is_written_is_read(paths in proptest::collection::btree_set("[a-zé\"\n ]{1,8}(/[a-z]{1,4}){0,2}", 0..6)) {
            let listing: Listing = paths.into_iter().map(|path| (path, ONE.to_owned())).collect();
            prop_assert_eq!(read("x", text(&listing).as_bytes()).expect("a list"), listing);
        }
    }
}

//! What a start is asked to do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use keelmark_api::OpenTarget;

/// How the program is used.
pub const USAGE: &str = "\
Keelmark's window.

keelmark-desktop [--new-window] [FOLDER | URL | FILE…]
    FOLDER: a repository to open. URL: one to clone. FILE: two prediction files to compare.
    --new-window: a further window, where one is open already.

keelmark-desktop --version | --help

Everything the window does, `keelmark` does on a terminal.";

/// What a start is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Show a window.
    Open {
        /// What to open in it, if anything.
        target: Option<OpenTarget>,
        /// Whether it must be a further one.
        new_window: bool,
    },
    /// Say something on the terminal.
    Print(String),
    /// Show a message and end: a start of our own, for a program that can show nothing any more.
    Tell(String),
    /// It was used wrongly.
    Wrong(String),
}

/// Shows a message in a window of its own; for starts by ourselves only.
pub const TELL: &str = "--tell";

/// Reads the words after the program's name. Relative paths are seen from `folder`.
pub fn read(words: impl IntoIterator<Item = OsString>, folder: &Path) -> Wish {
    let mut words = words.into_iter();
    let (mut new_window, mut things) = (false, Vec::new());
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--new-window") => new_window = true,
            Some("--version" | "-V") => {
                return Wish::Print(format!("keelmark-desktop {}", env!("CARGO_PKG_VERSION")));
            }
            Some("--help" | "-h") => return Wish::Print(USAGE.to_owned()),
            Some(TELL) => return Wish::Tell(words.next().unwrap_or_default().to_string_lossy().into_owned()),
            Some(option) if option.starts_with("--") => {
                return Wish::Wrong(format!("There is no option `{option}`."));
            }
            _ => things.push(word),
        }
    }
    let target = match things.as_slice() {
        [] => None,
        [one] => Some(thing(one, folder)),
        several => Some(target_of(several.iter().map(|path| folder.join(path)).collect())),
    };
    Wish::Open { target, new_window }
}

/// A folder, a file or a clone URL, as a person writes it.
fn thing(word: &OsString, folder: &Path) -> OpenTarget {
    let path = folder.join(word);
    if path.exists() {
        return target_of(vec![path]);
    }
    match word.to_str() {
        Some(text) if is_clone_url(text) => {
            OpenTarget { url: Some(text.to_owned()), ..OpenTarget::default() }
        }
        // A folder that is not there: opening it says so.
        _ => OpenTarget { folder: Some(path), ..OpenTarget::default() },
    }
}

/// `https://…`, `ssh://…` or `name@host:path`.
fn is_clone_url(text: &str) -> bool {
    let short = || {
        text.split_once(':')
            .is_some_and(|(host, path)| host.contains('@') && !host.contains('/') && !path.is_empty())
    };
    text.contains("://") || short()
}

/// What paths from outside mean: one folder is opened, files are handed over.
pub fn target_of(paths: Vec<PathBuf>) -> OpenTarget {
    let folder = match paths.as_slice() {
        [only] if only.is_dir() => Some(only.clone()),
        _ => None,
    };
    let files = if folder.is_some() { Vec::new() } else { paths };
    OpenTarget { folder, url: None, files }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str, folder: &Path) -> Wish {
        read(line.split_whitespace().map(OsString::from), folder)
    }

    fn opened(line: &str, folder: &Path) -> OpenTarget {
        match read_line(line, folder) {
            Wish::Open { target: Some(target), .. } => target,
            other => panic!("`{line}` opens something, not {other:?}"),
        }
    }

    #[test]
    fn a_start_says_what_to_open() {
        let here = tempfile::tempdir().expect("a folder");
        let folder = here.path();
        std::fs::create_dir(folder.join("digits")).expect("a folder in it");
        for name in ["a.csv", "b.csv"] {
            std::fs::write(folder.join(name), "").expect("a file in it");
        }
        assert_eq!(read_line("", folder), Wish::Open { target: None, new_window: false });
        assert_eq!(opened("digits", folder).folder, Some(folder.join("digits")));
        assert_eq!(opened("a.csv b.csv", folder).files, [folder.join("a.csv"), folder.join("b.csv")]);
        assert_eq!(opened("missing", folder).folder, Some(folder.join("missing")), "opening it says why not");
    }

    #[test]
    fn urls_are_told_from_folders() {
        let here = Path::new("nowhere");
        for url in ["https://example.org/m.git", "ssh://git@example.org/m.git", "git@example.org:m.git"] {
            assert_eq!(opened(url, here).url.as_deref(), Some(url));
        }
        assert_eq!(opened("a/b@c:d", here).url, None, "a path may hold anything");
    }

    #[test]
    fn options_are_known_or_refused() {
        let here = Path::new("nowhere");
        assert_eq!(read_line("--new-window", here), Wish::Open { target: None, new_window: true });
        assert!(
            matches!(read_line("--version", here), Wish::Print(text) if text.contains("keelmark-desktop"))
        );
        assert!(matches!(read_line("--help", here), Wish::Print(_)));
        assert!(matches!(read_line("--frobnicate", here), Wish::Wrong(_)));
        assert_eq!(read(["--tell", "a b"].map(OsString::from), here), Wish::Tell("a b".to_owned()));
    }
}

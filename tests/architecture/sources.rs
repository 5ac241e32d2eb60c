//! Rules on the files: where they lie, how long they are, what they may not contain.

use std::collections::BTreeSet;

use crate::workspace::Source;

/// The commissioned names, beside dotfiles.
const TOP: [&str; 11] = [
    "src-tauri",
    "ui",
    "assets",
    "tests",
    "icons",
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// The longest a Rust file may be.
const LONGEST: usize = 600;

/// Where colours may stand.
const TOKENS: [&str; 4] = ["assets/tokens.json", "icons/", "ui/src/design/tokens", "ui/src/generated/"];

/// Colours that plotters names, and the beginnings of those it makes.
const NAMED_COLOURS: [&str; 7] = ["BLACK", "WHITE", "RED", "GREEN", "BLUE", "YELLOW", "MAGENTA"];
const MADE_COLOURS: [&str; 2] = ["RGBColor(", "RGBAColor("];

/// Folders (without their first `/`) that begin a path of one machine.
const MACHINE_FOLDERS: [&str; 6] = ["home/", "root/", "Users/", "tmp/", "work/", "workspace/"];

/// Names at the top level that nobody commissioned.
pub fn strangers_at_the_top(paths: &[String]) -> Vec<String> {
    let names: BTreeSet<_> = paths.iter().filter_map(|path| path.split('/').next()).collect();
    let stranger = |name: &&str| !name.starts_with('.') && !TOP.contains(name);
    names.into_iter().filter(stranger).map(|name| format!("`{name}` is no commissioned name")).collect()
}

/// Rust files past [`LONGEST`].
pub fn too_long(sources: &[Source]) -> Vec<String> {
    let lengths = rust(sources).map(|source| (source, source.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LONGEST);
    long.map(|(source, lines)| format!("{} has {lines} lines", source.path)).collect()
}

/// Attributes that switch a test off.
pub fn ignored_tests(sources: &[Source]) -> Vec<String> {
    let is_switch = |line: &str| {
        let attribute = line.trim_start().strip_prefix("#[").unwrap_or_default();
        attribute.starts_with("ignore") || attribute.starts_with("cfg_attr(") && attribute.contains(" ignore")
    };
    complaints(rust(sources), is_switch)
}

/// Colours outside the tokens. Tests may name the colour they expect, and comments any.
pub fn raw_colours(sources: &[Source]) -> Vec<String> {
    let drawn = sources.iter().filter(|source| {
        let kind = source.path.rsplit('.').next().unwrap_or_default();
        let draws = ["rs", "ts", "svelte", "css", "html"].contains(&kind);
        draws && !is_test(&source.path) && !TOKENS.iter().any(|prefix| source.path.starts_with(prefix))
    });
    let without_tests = |source: &Source| {
        let text = source.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        Source { path: source.path.clone(), text: text.to_owned() }
    };
    let drawn: Vec<_> = drawn.map(without_tests).collect();
    let comment = |line: &str| line.trim_start().starts_with("//");
    complaints(drawn.iter(), |line| !comment(line) && (has_hex_colour(line) || has_named_colour(line)))
}

/// Absolute paths that exist on one machine only.
pub fn machine_paths(sources: &[Source]) -> Vec<String> {
    complaints(sources.iter(), has_machine_path)
}

fn rust(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.path.rsplit('.').next() == Some("rs"))
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn complaints<'a>(sources: impl Iterator<Item = &'a Source>, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let of_file = |source: &'a Source| source.text.lines().enumerate().map(move |line| (&source.path, line));
    let bad = sources.flat_map(of_file).filter(|(_, (_, line))| is_bad(line));
    bad.map(|(path, (number, line))| format!("{path}:{}: {}", number + 1, line.trim())).collect()
}

/// `#` and 6 or 8 hexadecimal digits, or 3 or 4 of them where a value begins.
fn has_hex_colour(line: &str) -> bool {
    line.match_indices('#').any(|(at, _)| {
        let after = &line[at + 1..];
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        let ends = !after[digits..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
        let before = line[..at].trim_end().chars().next_back();
        let value = matches!(before, Some(':' | '"' | '\'' | '('));
        ends && (digits == 6 || digits == 8 || value && (digits == 3 || digits == 4))
    })
}

fn has_named_colour(line: &str) -> bool {
    let of_digits = |beginning: &str| {
        let after = |(at, found): (usize, &str)| line[at + found.len()..].trim_start().chars().next();
        line.match_indices(beginning).filter_map(after).any(|next| next.is_ascii_digit())
    };
    MADE_COLOURS.iter().any(|made| of_digits(made)) || NAMED_COLOURS.iter().any(|name| has_word(line, name))
}

/// `word` not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |next: char| next.is_ascii_alphanumeric() || next == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn has_machine_path(line: &str) -> bool {
    line.match_indices('/').any(|(at, _)| {
        let inside = |before: char| before.is_alphanumeric() || "._~-}*/)]>".contains(before);
        let begins = !line[..at].chars().next_back().is_some_and(inside);
        begins && MACHINE_FOLDERS.iter().any(|folder| line[at + 1..].starts_with(folder))
    })
}

//! DVC's configuration: `.dvc/config`, the user's own beside it, and what they say of caches and remotes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keelmark_types::Location;

use crate::Error;
use crate::mistakes::{mistake, quoted};

/// Where a setting was written, the later the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// The user's, for all repositories.
    User,
    /// The repository's, which its authors wrote.
    Repository,
    /// `config.local`: the user's, for this repository.
    Local,
}

/// A setting with where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub value: String,
    pub layer: Layer,
}

type Section = BTreeMap<String, Setting>;

/// All layers, the stronger setting in the weaker one's place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    sections: BTreeMap<String, Section>,
    /// The folder of `.dvc/config`, which paths are relative to.
    pub folder: PathBuf,
}

impl Config {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { sections: BTreeMap::new(), folder }
    }

    /// Takes a layer in. `file` is what its mistakes are told of.
    pub(crate) fn add(&mut self, file: &str, bytes: &[u8], layer: Layer) -> Result<(), Error> {
        let wrong = |line: usize, message: String| {
            let location = Location { file: file.to_owned(), line: u64::try_from(line).ok(), column: None };
            mistake(location, message, "sections in brackets, and a `name = value` a line")
        };
        let text =
            std::str::from_utf8(bytes).map_err(|error| wrong(1, format!("it is not UTF-8 ({error})")))?;
        let mut section = None;
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let name = rest.rsplit_once(']').map(|(name, _)| name.trim());
                let name = name.filter(|name| !name.is_empty() && !name.starts_with('['));
                let name = name.ok_or_else(|| wrong(at + 1, format!("{} is no section", quoted(line))))?;
                section = Some(unquoted(name).to_owned());
                continue;
            }
            let (Some(section), Some((key, value))) = (&section, line.split_once('=')) else {
                return Err(wrong(at + 1, format!("{} is no setting of a section", quoted(line))).into());
            };
            let setting = Setting { value: plain(value), layer };
            self.sections
                .entry(section.clone())
                .or_default()
                .insert(unquoted(key.trim()).to_owned(), setting);
        }
        Ok(())
    }

    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&Setting> {
        self.sections.get(section)?.get(key)
    }

    /// A setting of a remote.
    pub(crate) fn of_remote(&self, name: &str, key: &str) -> Option<&Setting> {
        self.get(&format!("remote \"{name}\""), key)
    }

    /// The names of all remotes.
    pub(crate) fn remotes(&self) -> Vec<&str> {
        let name = |section: &'_ String| -> Option<(usize, usize)> {
            section.strip_prefix("remote \"")?.strip_suffix('"').map(|name| (8, 8 + name.len()))
        };
        self.sections
            .keys()
            .filter_map(|section| name(section).and_then(|(from, to)| section.get(from..to)))
            .collect()
    }

    /// The remote that is asked where nobody names one: the default, else the only one.
    pub(crate) fn default_remote(&self) -> Option<&str> {
        if let Some(named) = self.get("core", "remote") {
            return Some(&named.value);
        }
        match self.remotes()[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// A path as it was written, seen from the configuration's folder; the user's for all repositories has to be
    /// absolute. `None` where it cannot be told.
    pub(crate) fn path(&self, setting: &Setting) -> Option<PathBuf> {
        let path = Path::new(&setting.value);
        if setting.value.is_empty() || setting.value.contains('\0') || setting.value.starts_with('~') {
            return None;
        }
        match (path.is_absolute(), setting.layer) {
            (true, _) => Some(path.to_owned()),
            (false, Layer::User) => None,
            (false, _) => Some(self.folder.join(path)),
        }
    }
}

fn unquoted(text: &str) -> &str {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// A value without its quotes, or without a comment behind it.
fn plain(value: &str) -> String {
    let value = value.trim();
    for quote in ['\'', '"'] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner.to_owned();
        }
    }
    let comment = value.char_indices().find(|(at, letter)| {
        *letter == '#'
            && value.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
    });
    comment.and_then(|(at, _)| value.get(..at)).unwrap_or(value).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn layers_are_read_as_dvc_writes_them() {
        let mut config = Config::new(PathBuf::from("/r/.dvc"));
        let shared = "[core]\n    remote = store\n    autostage = true # each time\n\n['remote \"store\"']\n    \
                      url = ../../store\n[remote \"web\"]\nurl = 'https://example.org/a#b'\n[cache]\n dir = \"../cache\"\n";
        config.add(".dvc/config", shared.as_bytes(), Layer::Repository).expect("read");
        config.add(".dvc/config.local", b"; mine\n[core]\nremote=web\n", Layer::Local).expect("read");
        assert_eq!(config.default_remote(), Some("web"), "the local one is stronger");
        assert_eq!(config.remotes(), ["store", "web"]);
        let url = config.of_remote("store", "url").expect("a remote");
        assert_eq!(config.path(url), Some(PathBuf::from("/r/.dvc/../../store")));
        assert_eq!(config.of_remote("web", "url").expect("a remote").value, "https://example.org/a#b");
        assert_eq!(config.get("core", "autostage").map(|is| is.value.as_str()), Some("true"));
        let mut own = Config::default();
        own.add("config", b"[cache]\ndir = cache\n", Layer::User).expect("read");
        assert_eq!(own.path(own.get("cache", "dir").expect("there")), None, "relative to nothing known");
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (text, told) in [
            ("url = x\n", ".dvc/config:1: `url = x` is no setting"),
            ("[core]\n\nremote\n", ".dvc/config:3: `remote` is no setting"),
            ("[core\n", ".dvc/config:1: `[core` is no section"),
        ] {
            let error = Config::default().add(".dvc/config", text.as_bytes(), Layer::Repository);
            let error = error.expect_err("wrong").to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer(text in "[\\[\\]'\"=#a-z \n\\PC]{0,120}") {
            let mut config = Config::default();
            let _either = config.add("config", text.as_bytes(), Layer::Repository).is_ok();
            let _name = config.default_remote();
        }
    }
}

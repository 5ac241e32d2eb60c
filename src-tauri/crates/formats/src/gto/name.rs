//! What a tag's name says, exactly by GTO's pattern:
//! `^(<directory>=)?<name>(((#<stage>|@v<semver>)!?)|@(deprecated|created))(#<n>)?$`.

use std::fmt;

use super::Semver;

/// The longest name that is read; Git's own limit is a path's.
const MAX_NAME_BYTES: usize = 4096;

/// An artifact: what GTO registers versions of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Artifact {
    /// Where it is declared, for one that is not declared at the repository's root.
    pub directory: Option<String>,
    /// Its name there.
    pub name: String,
}

impl Artifact {
    /// Reads `churn` or `cv:pool`.
    pub fn read(text: &str) -> Option<Self> {
        Self::split(text, ':')
    }

    /// The same as the beginning of a tag: `cv=pool`.
    pub fn in_tag(&self) -> String {
        self.joined('=')
    }

    fn split(text: &str, separator: char) -> Option<Self> {
        let (directory, name) =
            text.split_once(separator).map_or((None, text), |(directory, name)| (Some(directory), name));
        let sound = is_name(name) && directory.is_none_or(is_directory);
        sound.then(|| Self { directory: directory.map(str::to_owned), name: name.to_owned() })
    }

    fn joined(&self, separator: char) -> String {
        let Self { directory, name } = self;
        directory.as_ref().map_or_else(|| name.clone(), |directory| format!("{directory}{separator}{name}"))
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.joined(':'))
    }
}

/// What a tag does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// A version is registered: `churn@v1.3.0`.
    Register(Semver),
    /// A version is taken back: `churn@v1.3.0!`.
    Deregister(Semver),
    /// A stage is given to the version at the tag's commit: `churn#prod`.
    Assign(String),
    /// A stage is taken from the version at the tag's commit: `churn#prod!`.
    Unassign(String),
    /// The artifact is not to be used any more: `churn@deprecated`.
    Deprecate,
    /// The artifact is begun: `churn@created`.
    Create,
}

/// A tag's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagName {
    /// Of which artifact.
    pub artifact: Artifact,
    /// What is done.
    pub action: Action,
    /// The number at the end, which makes names unique: `churn#prod#3`.
    pub count: Option<u64>,
}

/// Why a name is not read as one of GTO's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotATag {
    /// It does not look like one.
    Foreign,
    /// It has a name and a sign, as GTO's have, but is none; with the reason in a line.
    Almost(String),
}

impl TagName {
    /// Reads a name without `refs/tags/`.
    pub fn read(name: &str) -> Result<Self, NotATag> {
        let at =
            name.find(['#', '@']).filter(|at| *at > 0 && *at + 1 < name.len()).ok_or(NotATag::Foreign)?;
        let (artifact, rest) = name.split_at(at);
        let almost = |why: String| NotATag::Almost(why);
        if name.len() > MAX_NAME_BYTES {
            return Err(almost(format!("it is longer than {MAX_NAME_BYTES} bytes")));
        }
        let artifact = Artifact::split(artifact, '=')
            .ok_or_else(|| almost(format!("`{artifact}` is no name of an artifact")))?;
        let (rest, count) = match rest[1..].split_once('#') {
            Some((middle, count)) => (&rest[..=middle.len()], Some(read_count(count).map_err(almost)?)),
            None => (rest, None),
        };
        let (what, taken_back) = rest.strip_suffix('!').map_or((rest, false), |what| (what, true));
        let action = match (&what[..1], &what[1..]) {
            ("@", "deprecated") if !taken_back => Action::Deprecate,
            ("@", "created") if !taken_back => Action::Create,
            ("@", version) => {
                let version = Semver::read(version).map_err(almost)?;
                if taken_back { Action::Deregister(version) } else { Action::Register(version) }
            }
            (_, stage) if is_name(stage) => {
                let stage = stage.to_owned();
                if taken_back { Action::Unassign(stage) } else { Action::Assign(stage) }
            }
            (_, stage) => return Err(almost(format!("`{stage}` is no name of a stage"))),
        };
        Ok(Self { artifact, action, count })
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.artifact.in_tag())?;
        match &self.action {
            Action::Register(version) => write!(f, "@{version}"),
            Action::Deregister(version) => write!(f, "@{version}!"),
            Action::Assign(stage) => write!(f, "#{stage}"),
            Action::Unassign(stage) => write!(f, "#{stage}!"),
            Action::Deprecate => f.write_str("@deprecated"),
            Action::Create => f.write_str("@created"),
        }?;
        self.count.map_or(Ok(()), |count| write!(f, "#{count}"))
    }
}

/// The number that the next counted tag of an artifact gets: one above all others of it, whatever they do. GTO counts
/// lightweight tags too, so `names` are best all names of a repository.
pub fn next_count<'a>(names: impl IntoIterator<Item = &'a str>, artifact: &Artifact) -> u64 {
    let counts = names.into_iter().filter_map(|name| TagName::read(name).ok());
    let counts = counts.filter(|tag| tag.artifact == *artifact).filter_map(|tag| tag.count);
    counts.max().unwrap_or(0).saturating_add(1)
}

fn read_count(text: &str) -> Result<u64, String> {
    let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten().ok_or_else(|| format!("`{text}` is no count"))
}

/// `[a-zA-Z0-9]([a-zA-Z0-9-/_]*[a-zA-Z0-9])?`, for artifacts and stages.
fn is_name(text: &str) -> bool {
    let edge = |byte: &u8| byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|byte| edge(byte) || matches!(byte, b'-' | b'/' | b'_'))
}

/// `[a-zA-Z0-9-_./]+`.
fn is_directory(text: &str) -> bool {
    let within = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    !text.is_empty() && text.bytes().all(within)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(text: &str) -> TagName {
        TagName::read(text).expect("a tag of GTO's")
    }

    #[test]
    fn every_kind_is_told_apart() {
        let action = |text| tag(text).action;
        let version = |text| Semver::read(text).expect("a version");
        assert_eq!(action("churn@v1.2.3"), Action::Register(version("v1.2.3")));
        assert_eq!(action("churn@v1.2.3-rc.1+b#4"), Action::Register(version("v1.2.3-rc.1+b")));
        assert_eq!(action("churn@v1.3.0!"), Action::Deregister(version("v1.3.0")));
        assert_eq!(action("churn#prod#1"), Action::Assign("prod".to_owned()));
        assert_eq!(action("churn#eu/prod"), Action::Assign("eu/prod".to_owned()));
        assert_eq!(action("churn#prod!#4"), Action::Unassign("prod".to_owned()));
        assert_eq!(action("churn@deprecated"), Action::Deprecate);
        assert_eq!(action("churn@created#1"), Action::Create);
        assert_eq!(tag("churn#prod!#4").count, Some(4));
    }

    #[test]
    fn a_directory_comes_before_the_name() {
        let pool = tag("cv/a.b=pool@v0.1.0");
        assert_eq!(pool.artifact.to_string(), "cv/a.b:pool");
        assert_eq!(pool.artifact.directory.as_deref(), Some("cv/a.b"));
        assert_eq!(Artifact::read("cv/a.b:pool"), Some(pool.artifact));
        assert_eq!(Artifact::read("a:b:c"), None, "one directory at most");
    }

    #[test]
    fn what_is_almost_a_tag_says_why() {
        for foreign in ["v1.0.0", "", "main", "@v1.0.0", "churn@", "#prod"] {
            assert_eq!(TagName::read(foreign), Err(NotATag::Foreign), "{foreign}");
        }
        for almost in [
            "pkg@1.0.0",
            "churn@v1.0",
            "churn@v1.0.0!!",
            "churn@latest",
            "churn@deprecated!",
            "churn@created!",
            "-a@v1.0.0",
            "a-@v1.0.0",
            "a.b@v1.0.0",
            "a=b=c@v1.0.0",
            "=a@v1.0.0",
            "churn#",
            "churn#prod#",
            "churn#prod#x",
            "churn#prod#1#2",
            "churn##1",
            "churn#p.q",
            "churn#prod#1!",
            "é@v1.0.0",
            "churn#é",
            "churn@v1.0.0@v1.0.0",
            "churn#prod@v1.0.0",
            "churn#prod#99999999999999999999",
            "churn#!",
        ] {
            let answer = TagName::read(almost);
            let expected = almost == "churn#";
            assert_eq!(matches!(answer, Err(NotATag::Foreign)), expected, "{almost}: {answer:?}");
            assert!(answer.is_err(), "{almost}");
        }
    }

    #[test]
    fn counts_are_shared_by_all_tags_of_an_artifact() {
        let names = [
            "churn@v1.0.0",
            "churn#prod#1",
            "churn#dev!#7",
            "churn@v2.0.0#3",
            "other#prod#9",
            "a=churn#x#12",
        ];
        let churn = Artifact::read("churn").expect("an artifact");
        assert_eq!(next_count(names, &churn), 8);
        assert_eq!(next_count(["churn@v1.0.0"], &churn), 1);
        assert_eq!(next_count(["churn#a#18446744073709551615"], &churn), u64::MAX);
    }

    proptest! {
        #[test]
        fn any_name_is_an_answer_and_tags_read_back(
            wild in ".{0,40}",
            near in "[a-c=/._-]{0,5}[@#](v[0-9.]{3,6}(-[0-9a.-]{0,4})?|deprecated|created|[a-c/_-]{0,3})!?(#[0-9]{0,3})?",
        ) {
            for name in [wild, near] {
                if let Ok(tag) = TagName::read(&name) {
                    let again = TagName::read(&tag.to_string());
                    prop_assert_eq!(again.as_ref(), Ok(&tag));
                    // A count may have been written with leading zeros; the rest is the same text.
                    if tag.count.is_none() {
                        prop_assert_eq!(tag.to_string(), name);
                    }
                }
            }
        }
    }
}

//! Semantic versions in full, with pre-releases and build metadata, as GTO takes them.

use std::cmp::Ordering;
use std::fmt;

use keelmark_types::SemanticVersion;

/// A semantic version, written `v1.3.0-rc.1+cuda12`; two that differ only in their build metadata are two.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Semver {
    /// Changes that break users.
    pub major: u64,
    /// Changes that do not.
    pub minor: u64,
    /// Mends.
    pub patch: u64,
    /// What makes it a pre-release, e.g. `rc`, `1`; empty for a release.
    pub pre_release: Vec<String>,
    /// What says how it was built, e.g. `cuda12`; without a say in the order.
    pub build: Vec<String>,
}

impl Semver {
    /// Reads `v1.3.0`, or says in a line why not.
    pub fn read(text: &str) -> Result<Self, String> {
        let rest =
            text.strip_prefix('v').ok_or_else(|| format!("the version `{text}` does not begin with v"))?;
        let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
        let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
        let parts: Vec<&str> = core.split('.').collect();
        let [major, minor, patch] = parts[..] else {
            return Err(format!("the version `{text}` does not have three numbers"));
        };
        let number = |part: &str| {
            let sound = is_number(part).then(|| part.parse().ok()).flatten();
            sound.ok_or_else(|| format!("`{part}` in the version `{text}` is no number of a version"))
        };
        let pre_release = identifiers(pre);
        if pre_release.iter().any(|part| !is_identifier(part) || (is_digits(part) && !is_number(part))) {
            return Err(format!("the version `{text}` has a pre-release that is none"));
        }
        let build = identifiers(build);
        if !build.iter().all(|part| is_identifier(part)) {
            return Err(format!("the version `{text}` has build metadata that are none"));
        }
        Ok(Self { major: number(major)?, minor: number(minor)?, patch: number(patch)?, pre_release, build })
    }

    /// Which is newer, by the rules of Semantic Versioning 2.0.0; build metadata make no difference.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let core = |version: &Self| (version.major, version.minor, version.patch);
        core(self).cmp(&core(other)).then_with(|| {
            match (self.pre_release.is_empty(), other.pre_release.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre_releases(&self.pre_release, &other.pre_release),
            }
        })
    }

    /// The same as a release number of ours, which has neither pre-release nor build metadata.
    pub fn release(&self) -> Option<SemanticVersion> {
        let Self { major, minor, patch, .. } = *self;
        let plain = self.pre_release.is_empty() && self.build.is_empty();
        plain.then_some(SemanticVersion { major, minor, patch })
    }
}

impl fmt::Display for Semver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre_release.is_empty() {
            write!(f, "-{}", self.pre_release.join("."))?;
        }
        if !self.build.is_empty() {
            write!(f, "+{}", self.build.join("."))?;
        }
        Ok(())
    }
}

fn identifiers(text: Option<&str>) -> Vec<String> {
    text.map(|text| text.split('.').map(str::to_owned).collect()).unwrap_or_default()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn compare_pre_releases(left: &[String], right: &[String]) -> Ordering {
    let differing = left.iter().zip(right).map(|(left, right)| match (is_digits(left), is_digits(right)) {
        // Without leading zeros, the longer number is the larger one.
        (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    });
    differing.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| left.len().cmp(&right.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Semver {
        Semver::read(text).expect("a version")
    }

    #[test]
    fn the_order_is_that_of_the_specification() {
        let texts = [
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.0.1",
            "v1.2.0",
            "v1.10.0",
            "v2.0.0",
        ];
        for pair in texts.windows(2) {
            assert_eq!(version(pair[0]).precedence(&version(pair[1])), Ordering::Less, "{pair:?}");
            assert_eq!(version(pair[1]).precedence(&version(pair[0])), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(version("v1.0.0+a").precedence(&version("v1.0.0+b")), Ordering::Equal);
        assert_ne!(version("v1.0.0+a"), version("v1.0.0+b"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in [
            "",
            "v",
            "1.0.0",
            "V1.0.0",
            "v1.0",
            "v1.0.0.0",
            "v01.0.0",
            "v1.0.0-",
            "v1.0.0-01",
            "v1.0.0-a..b",
            "v1.0.0+",
            "v1.0.0+a_b",
            "v1.0.0+a+b",
            "v99999999999999999999.0.0",
            "v1.0.\u{661}",
        ] {
            assert!(Semver::read(bad).is_err(), "{bad}");
        }
        for good in ["v0.0.0", "v1.2.3-0a", "v1.2.3--", "v1.2.3-rc.1+01.b-c", "v1.2.3+a-b"] {
            assert_eq!(version(good).to_string(), good);
        }
    }

    #[test]
    fn only_plain_versions_are_releases_of_ours() {
        assert_eq!(version("v1.2.3").release().map(|release| release.to_string()).as_deref(), Some("v1.2.3"));
        assert_eq!(version("v1.2.3-rc1").release(), None);
        assert_eq!(version("v1.2.3+b").release(), None);
    }
}

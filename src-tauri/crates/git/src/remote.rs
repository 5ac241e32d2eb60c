//! Remotes as the repository's configuration names them: data, to be checked before anything connects.

use std::fmt;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;

use crate::{Error, Repository, Result};

/// A remote as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name, e.g. `origin`.
    pub name: String,
    /// Its address, not checked.
    pub url: String,
}

/// An address that may be connected to: a path, `file`, `http`, `https`, `ssh` or `git`. Its password is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteUrl(String);

impl RemoteUrl {
    /// Checks an address; a relative path is taken from `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self> {
        let refused =
            |why: &str| Err(Error::invalid(format!("address `{}`", redacted(text).escape_debug()), why));
        if text.is_empty() || text.len() > 4096 || text.chars().any(char::is_control) {
            return refused("it is empty, too long or holds control characters");
        }
        if text.starts_with('-') {
            return refused("it begins with - and could be taken for an option");
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let host = rest.split('/').next().unwrap_or("");
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "ssh" | "git" if host.is_empty() || host.starts_with('-') => {
                    refused("it names no host")
                }
                "ssh" if rest.starts_with('-') => refused("its user could be taken for an option"),
                "file" | "http" | "https" | "ssh" | "git" => Ok(Self(text.to_owned())),
                _ => refused("only file, http, https, ssh and git addresses are connected to"),
            };
        }
        if is_helper(text) {
            return refused("addresses of remote helpers (`name::…`) run programs and are not connected to");
        }
        // As git reads it: a colon before any slash is `host:path`, unless there is such a file.
        let is_host = text.find(':').is_some_and(|colon| text.find('/').is_none_or(|slash| colon < slash));
        if is_host && !folder.join(text).exists() {
            let host = text.split(':').next().unwrap_or("");
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            return if host.is_empty() || host.starts_with('-') {
                refused("it names no host")
            } else {
                Ok(Self(text.to_owned()))
            };
        }
        let path = absolute(text, folder);
        match path.to_str() {
            Some(path) => Ok(Self(path.to_owned())),
            None => refused("its path is not UTF-8"),
        }
    }

    /// Of an `http` or `https` address with user or password: the address without them, and `scheme://user:password@host`
    /// for a credential store.
    pub(crate) fn without_secret(&self) -> Option<(Self, String)> {
        let (scheme, rest) = self.0.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@')?;
        // A token alone stands in place of the user, with nothing as its password.
        let user = if user.contains(':') { user.to_owned() } else { format!("{user}:") };
        Some((Self(format!("{scheme}://{host}{path}")), format!("{scheme}://{user}@{host}")))
    }

    /// The address itself, with what secrets it holds: for git and gix only, not for a log or a screen.
    pub(crate) fn exposed(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(&self.0))
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteUrl({self})")
    }
}

impl Repository {
    /// The remotes of the repository's configuration, by name.
    pub fn remotes(&self) -> Result<Vec<Remote>> {
        let config = self.local_config()?;
        let mut remotes = Vec::new();
        for section in config.sections_by_name("remote").into_iter().flatten() {
            let name = section.header().subsection_name().and_then(|name| name.to_str().ok());
            if let (Some(name), Some(url)) = (name, section.value("url")) {
                remotes.push(Remote { name: name.to_owned(), url: url.to_str_lossy().into_owned() });
            }
        }
        remotes.sort_by(|a, b| a.name.cmp(&b.name));
        remotes.dedup_by(|a, b| a.name == b.name);
        Ok(remotes)
    }

    /// The repository's own configuration file as data: nothing it includes is read.
    pub(crate) fn local_config(&self) -> Result<gix::config::File> {
        let path = self.common_dir().join("config");
        gix::config::File::from_path_no_includes(path.clone(), gix::config::Source::Local)
            .map_err(|error| Error::from_gix(format!("`{}`", path.display()), &error))
    }

    /// The checked address of a configured remote.
    pub fn remote_url(&self, name: &str) -> Result<RemoteUrl> {
        let remotes = self.remotes()?;
        match remotes.iter().find(|remote| remote.name == name) {
            Some(remote) if is_remote_name(name) => {
                RemoteUrl::parse(&remote.url, self.work_dir().unwrap_or(self.common_dir()))
            }
            Some(_) => Err(Error::invalid(format!("remote `{name}`"), "its name cannot be part of a ref")),
            None => Err(Error::NotFound {
                what: format!("remote `{name}`"),
                near: remotes.into_iter().map(|remote| remote.name).take(3).collect(),
            }),
        }
    }
}

fn is_remote_name(name: &str) -> bool {
    !name.starts_with('-') && crate::revision::is_full_ref_name(&format!("refs/remotes/{name}/x"))
}

fn is_helper(text: &str) -> bool {
    text.split_once("::").is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

fn absolute(text: &str, folder: &Path) -> PathBuf {
    let path = folder.join(text);
    std::fs::canonicalize(&path).unwrap_or(path)
}

/// The address without what stands before an `@`, where that may be a secret.
fn redacted(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => match rest.get(..at).and_then(|user| user.split_once(':')) {
            None if scheme.eq_ignore_ascii_case("ssh") => text.to_owned(),
            _ => format!("{scheme}://…{}", rest.get(at..).unwrap_or("")),
        },
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_run_programs_are_refused() {
        for bad in [
            "ext::sh -c touch% x",
            "fd::3",
            "-oProxyCommand=touch x",
            "ssh://-oProxyCommand=touch/x",
            "ssh://user@-oProxyCommand=touch/x",
            "-u@host:repo",
            "user@-oProxyCommand=x:repo",
            "gopher://host/x",
            "http:///x",
            "",
            "https://host/a\nb",
        ] {
            assert!(RemoteUrl::parse(bad, Path::new("/")).is_err(), "{bad:?} must not be connected to");
        }
    }

    #[test]
    fn a_secret_is_taken_out_of_an_address() {
        let parse = |text: &str| RemoteUrl::parse(text, Path::new("/")).expect("an address").without_secret();
        let (bare, secret) = parse("https://ada:p%40ss@host:8443/a.git").expect("it has a secret");
        assert_eq!(
            (bare.exposed(), secret.as_str()),
            ("https://host:8443/a.git", "https://ada:p%40ss@host:8443")
        );
        assert_eq!(parse("https://token@host/a").expect("a token").1, "https://token:@host");
        assert!(parse("https://host/a@b").is_none() && parse("ssh://git@host/a").is_none());
    }

    #[test]
    fn usual_addresses_are_accepted_and_show_no_password() {
        for good in
            ["https://host/a.git", "ssh://git@host:22/a", "git@host:a/b.git", "file:///srv/a", "/srv/a"]
        {
            assert!(RemoteUrl::parse(good, Path::new("/")).is_ok(), "{good} is a usual address");
        }
        let secret = RemoteUrl::parse("https://ada:hunter2@host/a.git", Path::new("/")).expect("an address");
        assert_eq!(format!("{secret} {secret:?}").matches("hunter2").count(), 0, "a password is never shown");
        let token = RemoteUrl::parse("https://ghp_token@host/a.git", Path::new("/")).expect("an address");
        assert!(!token.to_string().contains("ghp_token"), "a token in place of the user is never shown");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_no_accepted_one_is_an_option(
            text in "(ext|ssh|http|https|file|-u|git@)?(::|://|:)?[-a-zA-Z0-9@:/%._ ]{0,40}",
        ) {
            if let Ok(url) = RemoteUrl::parse(&text, Path::new("/")) {
                let exposed = url.exposed();
                proptest::prop_assert!(!exposed.starts_with('-') && !is_helper(exposed) && !exposed.is_empty());
                // What stands before the path is the host, which ssh is given as a word of its own.
                let host = exposed.split_once("://").map_or_else(
                    || exposed.split_once(':').map_or("", |(host, _)| host),
                    |(_, rest)| rest.split('/').next().unwrap_or_default(),
                );
                let is_local = exposed.starts_with('/') || exposed.starts_with("file") || host.contains('/');
                let is_option = host.rsplit('@').next().is_some_and(|name| name.starts_with('-'));
                proptest::prop_assert!(is_local || !is_option, "{}", exposed);
                if let Some((bare, _)) = url.without_secret() {
                    proptest::prop_assert!(bare.without_secret().is_none(), "{} keeps a secret", bare);
                }
            }
        }
    }
}

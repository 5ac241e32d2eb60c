//! Who commits are made by, as the user's own git would say.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::command::Git;
use crate::control::Control;
use crate::{Error, Repository, Result};

/// A person's name and e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

impl Repository {
    /// The user's identity: `GIT_AUTHOR_*`, else the configuration; never guessed from the machine's name.
    pub fn identity(&self) -> Result<Identity> {
        said_by(Git::new(self.place(), "var"))
    }

    /// Writes the identity into this repository's own configuration, as `git config --local` does.
    pub fn set_identity(&self, identity: &Identity) -> Result<()> {
        for (what, text) in [("name", &identity.name), ("e-mail address", &identity.email)] {
            let is_plain = !text.trim().is_empty()
                && text.len() <= 200
                && !text.chars().any(|letter| letter.is_control() || matches!(letter, '<' | '>'));
            if !is_plain {
                return Err(Error::invalid(
                    format!("the {what}"),
                    "it must not be empty, nor hold line breaks, < or >",
                ));
            }
        }
        for (key, value) in [("user.name", &identity.name), ("user.email", &identity.email)] {
            let output = Git::new(self.place(), "config")
                .args(["--local", "--replace-all", key, value.trim()])
                .output()?;
            if !output.success {
                let why = std::io::Error::other(output.stderr.trim().to_owned());
                return Err(Error::storage("writing", &self.common_dir().join("config"), why));
            }
        }
        Ok(())
    }
}

/// The identity outside of any repository.
pub fn global_identity() -> Result<Identity> {
    said_by(Control::new()?.git("var"))
}

fn said_by(git: Git) -> Result<Identity> {
    let output = git.config("user.useConfigOnly=true").arg("GIT_AUTHOR_IDENT").output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let identity = said.rsplit_once('>').and_then(|(person, _time)| person.split_once(" <"));
    match identity {
        Some((name, email)) if output.success && !name.trim().is_empty() && !email.trim().is_empty() => {
            Ok(Identity { name: name.trim().to_owned(), email: email.trim().to_owned() })
        }
        _ => {
            let last =
                output.stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            Err(Error::NoIdentity { why: last.trim_start_matches("fatal: ").trim().to_owned() })
        }
    }
}

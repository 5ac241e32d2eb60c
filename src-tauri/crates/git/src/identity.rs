//! Who commits are made by, as the user's own git would say.

use serde::{Deserialize, Serialize};

use crate::command::Git;
use crate::{Error, Repository, Result};

/// A person's name and e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
        let output = Git::new(self.place(), "var")
            .config("user.useConfigOnly=true")
            .arg("GIT_AUTHOR_IDENT")
            .output()?;
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
}

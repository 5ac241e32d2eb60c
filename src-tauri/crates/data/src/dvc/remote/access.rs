//! What this machine gives to whoever asks a remote: environment and home, from which keys of AWS are read.

use std::path::{Path, PathBuf};

use rusty_s3::Credentials;

use super::super::config::{Config, Layer};
use super::super::pull_error::PullError;
use crate::{RootedDir, Source};

/// The environment and the home of the user. This crate looks for neither by itself.
#[derive(Clone, Copy)]
pub struct RemoteAccess<'a> {
    /// The value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The home folder, where there is one.
    pub home: Option<&'a Path>,
}

/// What AWS's own tools would use.
pub(super) struct Aws {
    pub credentials: Option<Credentials>,
    pub region: Option<String>,
}

impl RemoteAccess<'_> {
    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn endpoint(&self) -> Option<String> {
        self.set("AWS_ENDPOINT_URL_S3").or_else(|| self.set("AWS_ENDPOINT_URL"))
    }

    /// Keys and region for a remote of DVC's configuration: what it says itself, the environment, the files of AWS.
    pub(super) fn aws(&self, config: &Config, remote: &str, told: &str) -> Result<Aws, PullError> {
        let own = |key: &str| config.of_remote(remote, key).map(|setting| setting.value.clone());
        let named = own("profile");
        let profile =
            named.clone().or_else(|| self.set("AWS_PROFILE")).unwrap_or_else(|| "default".to_owned());
        let shared = self.file(own("credentialpath"), "AWS_SHARED_CREDENTIALS_FILE", "credentials", told)?;
        let general = self.file(own("configpath"), "AWS_CONFIG_FILE", "config", told)?;
        let section = if profile == "default" { profile.clone() } else { format!("profile {profile}") };
        let in_files = |key: &str| {
            let found = shared.get(&profile, key).or_else(|| general.get(&section, key));
            found.map(|setting| setting.value.clone()).filter(|value| !value.is_empty())
        };
        let region = own("region")
            .or_else(|| self.set("AWS_REGION"))
            .or_else(|| self.set("AWS_DEFAULT_REGION"))
            .or_else(|| in_files("region"));
        let keys = |id: Option<String>, secret: Option<String>, token: Option<String>| {
            Some(match token {
                Some(token) => Credentials::new_with_token(id?, secret?, token),
                None => Credentials::new(id?, secret?),
            })
        };
        let from_config = || keys(own("access_key_id"), own("secret_access_key"), own("session_token"));
        let from_environment = || {
            let set = |name| self.set(name);
            // A profile that is named counts more than what happens to be set.
            named.is_none().then(|| {
                keys(set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY"), set("AWS_SESSION_TOKEN"))
            })?
        };
        let from_files = || {
            keys(
                in_files("aws_access_key_id"),
                in_files("aws_secret_access_key"),
                in_files("aws_session_token"),
            )
        };
        let credentials = from_config().or_else(from_environment).or_else(from_files);
        let is_anonymous = own("allow_anonymous_login").is_some_and(|set| set.eq_ignore_ascii_case("true"));
        if credentials.is_none() && !is_anonymous {
            let needs =
                ["sso_session", "sso_start_url", "role_arn", "credential_process", "web_identity_token_file"];
            let why = match needs.into_iter().find(|key| in_files(key).is_some()) {
                Some(key) => format!(
                    "profile `{profile}` uses {key}, which is not followed here; set the keys that `aws configure \
                     export-credentials --format env` prints"
                ),
                None => "no keys were found: not in DVC's configuration, AWS_ACCESS_KEY_ID and \
                         AWS_SECRET_ACCESS_KEY, or the files of AWS"
                    .to_owned(),
            };
            return Err(PullError::Denied { remote: told.to_owned(), why });
        }
        Ok(Aws { credentials, region })
    }

    /// A file of AWS's; empty where it is not there.
    fn file(&self, own: Option<String>, variable: &str, name: &str, told: &str) -> Result<Config, PullError> {
        let given = own.or_else(|| self.set(variable)).map(PathBuf::from);
        let path = given.or_else(|| self.home.map(|home| home.join(".aws").join(name)));
        let mut config = Config::new(PathBuf::new());
        let parts = path.as_deref().and_then(|path| Some((path.parent()?, path.file_name()?.to_str()?)));
        let Some((folder, file)) = parts.filter(|(folder, _)| folder.is_dir()) else { return Ok(config) };
        if let Some(bytes) = RootedDir::open(folder)?.read(file)?
            && config.add(file, &bytes, Layer::User).is_err()
        {
            // What stands in it is not repeated: it may be a key.
            let why = format!("AWS's file `{name}` cannot be read as sections of `name = value`");
            return Err(PullError::Denied { remote: told.to_owned(), why });
        }
        Ok(config)
    }
}

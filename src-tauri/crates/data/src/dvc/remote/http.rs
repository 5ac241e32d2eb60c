//! Objects on a web server, each at its path.

use keelmark_http::{Answer, Client, Login, Request};
use keelmark_types::{Outcome, Stop};

use super::super::config::{Config, Setting};
use super::super::pull_error::PullError;
use super::{Fetched, Take, http_problem};

/// A web server with DVC's objects below an address.
pub(super) struct HttpRemote {
    base: String,
    user: Option<String>,
    /// With what it is sent as: the password of `user`, or a header of its own.
    secret: Option<(Option<String>, String)>,
}

impl HttpRemote {
    pub(super) fn of(config: &Config, name: &str, url: &Setting, told: &str) -> Result<Self, PullError> {
        let own = |key: &str| config.of_remote(name, key).map(|setting| setting.value.clone());
        let parsed = Request::parse(&url.value).map_err(|error| http_problem(told, error))?;
        let denied = |why: &str| PullError::Denied { remote: told.to_owned(), why: why.to_owned() };
        let in_url = parsed.password().map(str::to_owned);
        let secret = match own("auth").as_deref() {
            None => in_url.map(|password| (None, password)),
            Some("basic") => {
                let password = own("password").or(in_url);
                let password =
                    password.ok_or_else(|| denied("`auth = basic` needs `password`; set it with --local"))?;
                Some((None, password))
            }
            Some("custom") => match (own("custom_auth_header"), own("password")) {
                (Some(header), Some(password)) => Some((Some(header), password)),
                _ => return Err(denied("`auth = custom` needs `custom_auth_header` and `password`")),
            },
            Some(other) => {
                let why = format!("`auth = {other}` is not known");
                return Err(PullError::Unsupported { remote: told.to_owned(), why });
            }
        };
        let user = own("user").or_else(|| Some(parsed.username().to_owned()).filter(|user| !user.is_empty()));
        let mut base = parsed;
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base: base.as_str().trim_end_matches('/').to_owned(), user, secret })
    }

    pub(super) fn fetch(
        &self,
        client: &Client,
        path: &str,
        take: Take<'_>,
        stop: &Stop,
        told: &str,
    ) -> Result<Fetched, PullError> {
        let url =
            Request::parse(&format!("{}/{path}", self.base)).map_err(|error| http_problem(told, error))?;
        let mut request = Request::get(url);
        match &self.secret {
            Some((None, password)) => {
                let user = self.user.as_deref().unwrap_or_default();
                request = request.login(Some(Login { user, password }));
            }
            Some((Some(header), value)) => request = request.header(header, value),
            None => {}
        }
        let answer = client.send(&request, take, stop).map_err(|error| http_problem(told, error))?;
        judged(answer, told, |answer| format!("it answered with status {}", answer.status))
    }
}

/// What an answer means; `say` tells what a refusal says.
pub(super) fn judged(
    answer: Outcome<Answer>,
    told: &str,
    say: impl Fn(&Answer) -> String,
) -> Result<Fetched, PullError> {
    let Outcome::Done(answer) = answer else { return Ok(Fetched::Stopped) };
    let remote = told.to_owned();
    match answer.status {
        200 => Ok(Fetched::Done),
        404 | 410 => Ok(Fetched::NotThere),
        401 | 403 | 407 => Err(PullError::Denied { remote, why: say(&answer) }),
        _ => Err(PullError::Unreachable { remote, why: say(&answer) }),
    }
}

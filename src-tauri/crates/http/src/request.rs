//! A question and its answer.

use std::fmt;

use url::Url;

use crate::Error;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To be given something.
    Get,
    /// To take something in.
    Post,
    /// To keep something at the address.
    Put,
}

/// A name and a password. Never printed.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// Who.
    pub user: &'a str,
    /// The secret.
    pub password: &'a str,
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

/// A question.
#[derive(Clone)]
pub struct Request<'a> {
    /// What for.
    pub method: Method,
    /// Whom.
    pub url: Url,
    /// Names and values sent along. A secret one goes to this origin alone.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Basic authentication.
    pub login: Option<Login<'a>>,
    /// What is sent.
    pub body: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// Asks to be given what is at an address, with nothing sent along.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), login: None, body: None }
    }

    /// Sends a body.
    pub fn post(url: Url, body: &'a [u8]) -> Self {
        Self { method: Method::Post, url, headers: Vec::new(), login: None, body: Some(body) }
    }

    /// Has a body kept at an address.
    pub fn put(url: Url, body: &'a [u8]) -> Self {
        Self { method: Method::Put, url, headers: Vec::new(), login: None, body: Some(body) }
    }

    /// The same with a name and a password.
    #[must_use]
    pub fn login(mut self, login: Option<Login<'a>>) -> Self {
        self.login = login;
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// An address as somebody wrote it: http or https, with a host.
    pub fn parse(address: &str) -> Result<Url, Error> {
        let wrong = |why: &str| Error::Invalid { address: without_secret(address), why: why.to_owned() };
        let url = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it is no http or https address"));
        }
        Ok(url)
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body where it was not handed on: of a refusal its beginning.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the server did as asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An address without what may be a secret in it.
fn without_secret(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    match plain.split_once("://") {
        None => plain.to_owned(),
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
    }
}

/// The host with its port, as errors name it.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the server");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_repeats_a_secret() {
        for address in ["ftp://ada:secret@host/x?token=secret#secret", "https://ada:secret@:1/x?secret"] {
            let told = Request::parse(address).expect_err("refused").to_string();
            assert!(!told.contains("secret"), "{told}");
        }
        let login = Login { user: "ada", password: "secret" };
        assert!(!format!("{login:?}").contains("secret"), "not even for debugging");
    }
}

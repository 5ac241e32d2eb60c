//! Who may come in: only who knows the token, by this very address, from a page of this very origin.
//!
//! A browser on the same machine reaches every loopback port. The token in the URL that the tests open becomes a
//! cookie that is sent back to this port alone and by no other site.

use anyhow::{Context, Result, bail, ensure};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// What the desktop app allows its page is read where it stands, so that both hold their pages to the same.
const SHELL: &str = include_str!("../../src-tauri/tauri.conf.json");

/// The address of the server and the token that opens it.
#[derive(Clone)]
pub struct Door {
    host: String,
    cookie: String,
    token: String,
    policy: HeaderValue,
}

impl Door {
    /// A door on a port, with a token of its own.
    pub fn at(port: u16) -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        let token = format!("{:032x}", u128::from_ne_bytes(bytes));
        let policy = HeaderValue::from_str(&policy(SHELL)?).context("the policy is no header")?;
        Ok(Self { host: format!("127.0.0.1:{port}"), cookie: format!("keelmark-{port}"), token, policy })
    }

    /// What the tests open.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.host, self.token)
    }

    fn admits(&self, request: &Request) -> bool {
        let headers = request.headers();
        let origin = format!("http://{}", self.host);
        text(headers, &header::HOST) == Some(&self.host)
            && headers.get(header::ORIGIN).is_none_or(|given| given.as_bytes() == origin.as_bytes())
            && (self.is_in_query(request) || self.is_in_cookies(headers))
    }

    fn is_in_query(&self, request: &Request) -> bool {
        let mut pairs = request.uri().query().unwrap_or_default().split('&');
        pairs.any(|pair| pair.strip_prefix("token=") == Some(&self.token))
    }

    fn is_in_cookies(&self, headers: &HeaderMap) -> bool {
        let ours = format!("{}={}", self.cookie, self.token);
        let given = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        given.flat_map(|value| value.split(';')).any(|cookie| cookie.trim() == ours)
    }

    fn set_cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, self.token)
    }
}

/// Turns strangers away, and gives every answer the headers the desktop app's page has.
pub async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    let policy = door.policy.clone();
    let mut response = if door.admits(&request) {
        let enters = door.is_in_query(&request);
        let mut response = next.run(request).await;
        if let (true, Ok(cookie)) = (enters, HeaderValue::from_str(&door.set_cookie())) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The content security policy of the desktop app's page, with this server in place of the app's own connection.
fn policy(shell: &str) -> Result<String> {
    let shell: Value = serde_json::from_str(shell).context("tauri.conf.json is no JSON")?;
    let rules = shell["app"]["security"]["csp"].as_object().context("tauri.conf.json has no policy")?;
    ensure!(rules.contains_key("connect-src"), "tauri.conf.json says nothing of connections");
    let rule = |(name, value): (&String, &Value)| match (name.as_str(), value.as_str()) {
        ("connect-src", _) => Ok("connect-src 'self'".to_owned()),
        (name, Some(value)) => Ok(format!("{name} {value}")),
        (name, None) => bail!("tauri.conf.json: {name} is no text"),
    };
    Ok(rules.iter().map(rule).collect::<Result<Vec<_>>>()?.join("; "))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn door() -> Door {
        Door::at(4000).expect("random bytes")
    }

    fn request(uri: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = Request::builder().uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Body::empty()).expect("a sound request")
    }

    #[test]
    fn the_token_opens_and_so_does_the_cookie_it_becomes() {
        let door = door();
        let with_token = format!("/?token={}", door.token);
        let cookie = format!("other=1; {}={}", door.cookie, door.token);
        let host = ("host", "127.0.0.1:4000");
        assert!(door.admits(&request(&with_token, &[host])), "the URL the tests open");
        assert!(door.admits(&request("/events", &[host, ("cookie", &cookie)])), "what the page asks next");
        assert!(!door.admits(&request("/", &[host])), "nobody without a token");
        assert!(!door.admits(&request("/?token=0", &[host, ("cookie", "keelmark-4000=0")])), "a guess");
    }

    #[test]
    fn another_name_for_the_address_and_another_site_are_refused() {
        let door = door();
        let uri = format!("/call/app?token={}", door.token);
        let host = ("host", "127.0.0.1:4000");
        assert!(!door.admits(&request(&uri, &[("host", "evil.example:4000")])), "DNS rebinding");
        assert!(!door.admits(&request(&uri, &[])), "no host at all");
        assert!(!door.admits(&request(&uri, &[host, ("origin", "http://evil.example")])), "another site");
        assert!(!door.admits(&request(&uri, &[host, ("origin", "http://127.0.0.1:4001")])), "another port");
        assert!(door.admits(&request(&uri, &[host, ("origin", "http://127.0.0.1:4000")])), "its own page");
    }

    #[test]
    fn the_page_is_held_to_what_the_desktop_app_holds_it_to() {
        let policy = policy(SHELL).expect("the shell's policy can be read");
        assert!(policy.contains("script-src 'self';"), "no other script: {policy}");
        assert!(policy.contains("connect-src 'self'"), "this server: {policy}");
        assert!(!policy.contains("ipc") && !policy.contains("unsafe"), "nothing more: {policy}");
    }

    #[test]
    fn each_door_has_a_token_of_its_own() {
        assert_ne!(door().token, door().token, "tokens are drawn, not made up");
    }
}

//! Objects in a bucket of S3, or of a store that speaks like it. Requests are signed as AWS has it (version 4).

use std::time::Duration;

use keelmark_http::{Answer, Client, Request};
use keelmark_types::{Outcome, Stop, Timestamp};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use super::super::config::Config;
use super::super::pull_error::PullError;
use super::http::judged;
use super::{Fetched, RemoteAccess, Take, http_problem};

/// So long a signature holds.
const SIGNED_FOR: Duration = Duration::from_hours(1);
const USUAL_REGION: &str = "us-east-1";

/// A bucket, and the keys to it.
pub(super) struct S3Remote {
    bucket: Bucket,
    prefix: String,
    credentials: Option<Credentials>,
    at: Timestamp,
}

impl S3Remote {
    /// `place` is the address behind `s3://`.
    pub(super) fn of(
        config: &Config,
        name: &str,
        place: &str,
        access: &RemoteAccess<'_>,
        at: Timestamp,
        told: &str,
    ) -> Result<Self, PullError> {
        let unsupported = |why: String| PullError::Unsupported { remote: told.to_owned(), why };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() || bucket.contains(['@', ':']) {
            return Err(unsupported("its address names no bucket: s3://BUCKET/PREFIX".to_owned()));
        }
        let aws = access.aws(config, name, told)?;
        let region = aws.region.unwrap_or_else(|| USUAL_REGION.to_owned());
        let endpoint = config.of_remote(name, "endpointurl").map(|url| url.value.clone());
        let own = endpoint.or_else(|| access.endpoint());
        // A name with dots matches no certificate of AWS's as a host.
        let style =
            if own.is_some() || bucket.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let ending = if region.starts_with("cn-") { ".cn" } else { "" };
        let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com{ending}"));
        let endpoint = Request::parse(&endpoint).map_err(|error| http_problem(told, error))?;
        let bucket = Bucket::new(endpoint, style, bucket.to_owned(), region)
            .map_err(|error| unsupported(error.to_string()))?;
        let prefix = prefix.trim_matches('/').to_owned();
        Ok(Self { bucket, prefix, credentials: aws.credentials, at })
    }

    /// The signed address of an object. It is a key for as long as it holds: it is never told.
    fn address(&self, path: &str) -> url::Url {
        let key = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
        self.bucket.get_object(self.credentials.as_ref(), &key).sign_with_time(SIGNED_FOR, &self.at)
    }

    pub(super) fn fetch(
        &self,
        client: &Client,
        path: &str,
        take: Take<'_>,
        stop: &Stop,
        told: &str,
    ) -> Result<Fetched, PullError> {
        let request = Request::get(self.address(path));
        let answer = client.send(&request, take, stop).map_err(|error| http_problem(told, error))?;
        if let Outcome::Done(answer) = &answer
            && let 301 | 307 | 308 | 400 | 404 = answer.status
            && let Some(code) = code_of(answer)
            && !matches!(code.as_str(), "NoSuchKey" | "NotFound")
        {
            let (remote, why) = (told.to_owned(), said(answer));
            return Err(match code.as_str() {
                "NoSuchBucket" | "PermanentRedirect" | "TemporaryRedirect" => PullError::Unreachable {
                    remote,
                    why: format!("{why}; see to `url`, `region` and `endpointurl`"),
                },
                _ => PullError::Denied { remote, why },
            });
        }
        judged(answer, told, said)
    }
}

fn said(answer: &Answer) -> String {
    match code_of(answer) {
        // A store that does not let anybody list says so of what is not there, too.
        Some(code) if code == "AccessDenied" => {
            "AccessDenied: the keys do not give this, or it is not there".to_owned()
        }
        Some(code) => format!("it answered with status {} ({code})", answer.status),
        None => format!("it answered with status {}", answer.status),
    }
}

/// The code in a refusal. The rest of it may repeat what was sent.
fn code_of(answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    let is_plain =
        code.len() <= 64 && !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(settings: &str, set: &[(&str, &str)]) -> Result<S3Remote, PullError> {
        let mut config = Config::default();
        config.add("config", settings.as_bytes(), super::super::super::config::Layer::Local).expect("read");
        let variable =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let access = RemoteAccess { variable: &variable, home: None };
        let url = config.of_remote("s", "url").expect("set").value.clone();
        let place = url.strip_prefix("s3://").expect("s3").to_owned();
        let at = "2013-05-24T00:00:00Z".parse().expect("a time");
        S3Remote::of(&config, "s", &place, &access, at, "remote `s`")
    }

    const KEYS: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ];

    fn signature(url: &url::Url) -> String {
        let found = url.query_pairs().find(|(name, _)| name == "X-Amz-Signature");
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    #[test]
    fn requests_are_signed_as_botocore_signs_them() {
        // S3SigV4QueryAuth of botocore 1.44.8 for the same address, keys, region, time and an hour.
        let settings = "['remote \"s\"']\nurl = s3://models/team/store a/\nregion = eu-central-1\n";
        let url =
            remote(settings, &KEYS).expect("set up").address("files/md5/9d/532335b1b08c56dcf371400edc4134");
        let place = "https://models.s3.eu-central-1.amazonaws.com/team/store%20a/files/md5/9d/532335b1b08c56dcf371400edc4134";
        assert!(url.as_str().starts_with(&format!("{place}?X-Amz-Algorithm=AWS4-HMAC-SHA256&")), "{url}");
        assert_eq!(signature(&url), "74f15679f4d21bd191c3dc2f7e0497e894c320bb281a74866e89d007208bb769");

        let settings = "['remote \"s\"']\nurl = s3://models\nendpointurl = http://127.0.0.1:5000\n";
        let token = [KEYS[0], KEYS[1], ("AWS_SESSION_TOKEN", "token/+=")];
        let url = remote(settings, &token).expect("set up").address("34/4fd2323dd33d5c058b7cf27de029e8");
        assert!(url.as_str().starts_with("http://127.0.0.1:5000/models/34/4fd2323dd33d5c058b7cf27de029e8?"));
        assert_eq!(signature(&url), "1acbcd8dda7da4aacb8b83313b81217a47c762ec23464e23d9f460b99fd96179");
    }

    #[test]
    fn keys_are_looked_for_where_dvc_looks() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("credentials");
        let text = "[default]\naws_access_key_id = AAAA\naws_secret_access_key = aaaa\n[team]\naws_access_key_id = TTTT\n\
                    aws_secret_access_key = tttt\nregion = eu-west-3\n[sso]\nsso_session = x\n";
        std::fs::write(&file, text).expect("written");
        let files = ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().expect("UTF-8"));
        let who = |more: &str, set: &[(&str, &str)]| {
            let settings = format!("['remote \"s\"']\nurl = s3://models\n{more}");
            remote(&settings, set).map(|remote| {
                let url = remote.address("x");
                let found = url.query_pairs().find(|(name, _)| name == "X-Amz-Credential");
                found.map_or_else(|| "nobody".to_owned(), |(_, value)| value.into_owned())
            })
        };
        let is = |found: Result<String, PullError>, expected: &str| {
            let found = found.expect("set up");
            assert!(found.starts_with(expected), "{found} begins with {expected}");
        };
        is(who("", &[files]), "AAAA/20130524/us-east-1/");
        is(who("", &[files, ("AWS_PROFILE", "team")]), "TTTT/20130524/eu-west-3/");
        is(who("", &[files, KEYS[0], KEYS[1]]), "AKIAIOSFODNN7EXAMPLE/");
        is(who("profile = team\n", &[files, KEYS[0], KEYS[1]]), "TTTT/");
        is(who("access_key_id = OWN\nsecret_access_key = own\n", &[files, KEYS[0], KEYS[1]]), "OWN/");
        is(who("allow_anonymous_login = true\n", &[]), "nobody");
        for (more, set, why) in
            [("", &[][..], "no keys were found"), ("profile = sso\n", &[files], "sso_session")]
        {
            let told = who(more, set).expect_err("no keys");
            assert!(matches!(told, PullError::Denied { .. }) && told.to_string().contains(why), "{told}");
        }
        std::fs::write(&file, "[default]\nsecret-without-a-name\n").expect("written");
        let told = format!("{:?}", who("", &[files]).expect_err("unreadable"));
        assert!(told.contains("cannot be read") && !told.contains("secret-without"), "{told}");
    }

    #[test]
    fn a_refusal_is_told_by_its_code_alone() {
        let answer = |body: &str| Answer { status: 403, body: body.as_bytes().to_vec() };
        let said_of = said(&answer(
            "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AKIA</StringToSign></Error>",
        ));
        assert_eq!(said_of, "it answered with status 403 (SignatureDoesNotMatch)");
        assert_eq!(said(&answer("<Code>a b</Code>")), "it answered with status 403");
    }
}

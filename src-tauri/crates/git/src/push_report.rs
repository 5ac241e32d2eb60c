//! What git and the other side say about a push, read into kinds.
//!
//! Git's exit status does not tell a refusal from a dead line, and its protocol has no codes for it: its own words,
//! asked for in the C locale, are the only source. Nothing else in this crate reads words, and what they decide is
//! never whether the remote moved: that is read from the remote itself.

use crate::{Error, PushOutcome};

/// The refs the remote side refused: `!<TAB>source:target<TAB>summary`.
pub(crate) fn refused(porcelain: &str) -> Vec<(String, String)> {
    porcelain
        .lines()
        .filter_map(|line| {
            let mut fields = line.strip_prefix("!\t")?.splitn(2, '\t');
            let target = fields.next()?.rsplit_once(':')?.1.to_owned();
            Some((target, fields.next().unwrap_or("").to_owned()))
        })
        .collect()
}

/// What the remote's hooks said, line by line, without control characters.
pub(crate) fn remote_words(stderr: &str) -> String {
    let lines: Vec<String> = stderr
        .split(['\n', '\r'])
        .filter_map(|line| line.strip_prefix("remote:"))
        .map(|line| line.trim().chars().filter(|letter| !letter.is_control()).collect::<String>())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// Why the exchange itself failed.
pub(crate) fn failure(url: &str, stderr: &str) -> PushOutcome {
    let why = said(stderr);
    let low = why.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    if has(&[
        "error: 401",
        "error: 403",
        "authentication failed",
        "could not read username",
        "permission denied",
    ]) || has(&[
        "could not read password",
        "access denied",
        "host key verification failed",
        "terminal prompts disabled",
    ]) || has(&["service not enabled", "insufficient permission"])
    {
        PushOutcome::Denied { why }
    } else if missing_repository(url, &low).is_some() {
        PushOutcome::NotFound { why }
    } else {
        PushOutcome::Unreachable { why }
    }
}

/// The error for a repository that is not there, where words say so.
pub(crate) fn missing_repository(url: &str, why: &str) -> Option<Error> {
    let low = why.to_lowercase();
    let is_missing =
        ["not found", "does not exist", "does not appear to be a git repository", "error: 404", "status 404"]
            .iter()
            .any(|words| low.contains(words));
    is_missing.then(|| Error::NotFound { what: format!("a repository at {url} ({why})"), near: Vec::new() })
}

/// The lines that say something, without git's advice, addresses' secrets or control characters.
pub(crate) fn said(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("hint:") && !line.starts_with("To "))
        .collect();
    let text = lines.join("; ").chars().filter(|letter| !letter.is_control()).collect::<String>();
    if text.is_empty() { "it said nothing".to_owned() } else { hide_secrets(&text) }
}

/// Takes out what stands between `//` and `@`.
pub(crate) fn hide_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        shown.push_str(before);
        let end = after.find(|letter: char| letter == '/' || letter.is_whitespace()).unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => shown.extend(["…@", host]),
            None => shown.push_str(authority),
        }
        rest = tail;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_words_are_read() {
        let porcelain =
            "To /srv/a\n!\tabc:refs/heads/main\t[remote rejected] (pre-receive hook declined)\nDone\n";
        let refused = refused(porcelain);
        assert_eq!(refused.len(), 1, "one ref was refused");
        assert_eq!(refused.first().map(|(target, _)| target.as_str()), Some("refs/heads/main"));
        assert_eq!(remote_words("remote: no: \u{1b}[31mred        \nremote:\nerror: x\n"), "no: [31mred");
    }

    #[test]
    fn secrets_in_what_git_says_are_hidden() {
        let said = said("fatal: unable to access 'https://ada:hunter2@host/a/': error: 403\nhint: x\n");
        assert!(!said.contains("hunter2") && said.contains("host"), "{said}");
    }
}

//! What a program answered.

use serde_json::Value;

/// The end of one call of a program.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The call, for messages.
    pub command: String,
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Answer {
    /// Demands exit code 0.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the demand alone is often all that is wanted")]
    pub fn ok(self) -> Self {
        self.expecting(0)
    }

    /// Demands the exit code `code`.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the demand alone is often all that is wanted")]
    pub fn expecting(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "wrong exit code of {}", self.told());
        self
    }

    /// Whether a signal ended it.
    pub fn was_killed(&self) -> bool {
        self.code.is_none()
    }

    /// Standard output without white space around it.
    pub fn text(&self) -> &str {
        self.stdout.trim()
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("standard output is not one JSON document ({error}) of {}", self.told()),
        }
    }

    /// One JSON document a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let read = |line: &str| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => panic!("a line is not JSON ({error}): {line:?} of {}", self.told()),
        };
        self.stdout.lines().map(read).collect()
    }

    /// The `problem` of a failure told with `--json`.
    #[track_caller]
    pub fn problem(&self) -> Value {
        let problem = self.json().get("problem").cloned();
        problem.unwrap_or_else(|| panic!("no `problem` in the answer of {}", self.told()))
    }

    /// The whole answer, for messages.
    pub fn told(&self) -> String {
        let code = self.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit {code}"));
        format!("`{}`: {code}\n--- stdout\n{}\n--- stderr\n{}\n---", self.command, self.stdout, self.stderr)
    }
}

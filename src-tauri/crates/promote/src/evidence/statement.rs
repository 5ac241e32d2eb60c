//! `statement.json`: an in-toto statement that the served files went through the gates.

use std::collections::BTreeMap;

use keelmark_types::{CommitId, Deployment, GateOutcome, GateState};
use serde::{Deserialize, Serialize};

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// An in-toto statement with a test result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Statement {
    #[serde(rename = "_type")]
    type_uri: String,
    pub(crate) subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: TestResult,
}

/// One file spoken of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) digest: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestResult {
    result: TestOutcome,
    configuration: Vec<Subject>,
    passed_tests: Vec<String>,
    warned_tests: Vec<String>,
    failed_tests: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum TestOutcome {
    Passed,
    Warned,
    Failed,
}

impl Statement {
    /// What the gates said of the served files: a gate that cannot be told is a warning. An override changes nothing
    /// of it. The rules' commit is the configuration, else the version itself.
    pub(crate) fn of(deployment: &Deployment, policy: Option<&CommitId>) -> Self {
        let named = |state: GateState| -> Vec<String> {
            let chosen = deployment.gates.iter().filter(|gate| gate.state == state);
            chosen.map(|GateOutcome { name, .. }| name.clone()).collect()
        };
        let (passed_tests, warned_tests, failed_tests) =
            (named(GateState::Passed), named(GateState::Inconclusive), named(GateState::Failed));
        let result = if !failed_tests.is_empty() {
            TestOutcome::Failed
        } else if !warned_tests.is_empty() {
            TestOutcome::Warned
        } else {
            TestOutcome::Passed
        };
        let rules = policy.unwrap_or(&deployment.version);
        let configuration = vec![Subject {
            name: "model.yaml".to_owned(),
            digest: BTreeMap::from([("gitCommit".to_owned(), rules.to_string())]),
        }];
        Self {
            type_uri: STATEMENT_TYPE.to_owned(),
            subject: subjects(deployment),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: TestResult { result, configuration, passed_tests, warned_tests, failed_tests },
        }
    }

    /// Whether it is what the deployment's own fields give, whatever the rules' commit was.
    pub(crate) fn agrees(&self, deployment: &Deployment) -> bool {
        let mut expected = Self::of(deployment, None);
        expected.predicate.configuration.clone_from(&self.predicate.configuration);
        *self == expected
    }
}

/// The served files with their digests.
pub(crate) fn subjects(deployment: &Deployment) -> Vec<Subject> {
    let subject = |file: &keelmark_types::DeployedFile| Subject {
        name: file.path.clone(),
        digest: BTreeMap::from([("sha256".to_owned(), file.sha256.to_string())]),
    };
    deployment.files.iter().map(subject).collect()
}

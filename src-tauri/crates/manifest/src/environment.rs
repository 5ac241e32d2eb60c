//! `environments`: the places a model is deployed to, and what each demands.

use std::collections::BTreeMap;

use keelmark_types::EnvironmentName;
use schemars::JsonSchema;
use serde::Serialize;

/// A place a model is deployed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnvironmentSpec {
    /// Whether a candidate that is ready is promoted without being asked for.
    pub auto_promote: bool,
    /// The environment a candidate has to be deployed to before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub after: Option<EnvironmentName>,
    /// What a promotion to it has to bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
}

/// What a promotion may be required to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// A signature of an allowed signer on the deployment commit.
    Signature,
    /// The approval of a second person.
    SecondApproval,
}

/// Environments so that each stands behind the one it comes `after`; else by name.
pub(crate) fn in_order(
    environments: &BTreeMap<EnvironmentName, EnvironmentSpec>,
) -> Vec<(&EnvironmentName, &EnvironmentSpec)> {
    let mut ordered: Vec<(&EnvironmentName, &EnvironmentSpec)> = Vec::with_capacity(environments.len());
    let mut waiting: Vec<_> = environments.iter().collect();
    while !waiting.is_empty() {
        let (ready, later): (Vec<_>, Vec<_>) = waiting.iter().partition(|(_, spec)| {
            spec.after.as_ref().is_none_or(|after| ordered.iter().any(|(name, _)| *name == after))
        });
        if ready.is_empty() {
            ordered.extend(later);
            break;
        }
        ordered.extend(ready);
        waiting = later;
    }
    ordered
}

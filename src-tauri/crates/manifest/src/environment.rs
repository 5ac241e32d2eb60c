//! `environments`: the places a model is deployed to, and what each demands.

use std::collections::BTreeMap;

use keelmark_types::EnvironmentName;
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

use crate::decode::Decoder;
use crate::fields::Fields;
use crate::node::{Entry, Node, Value, shorten};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema, TS)]
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

pub(crate) const ENVIRONMENT_KEYS: &[&str] = &["auto_promote", "after", "requires"];
const REQUIREMENTS: &[(&str, Requirement)] =
    &[("signature", Requirement::Signature), ("second_approval", Requirement::SecondApproval)];
const MAX_ENVIRONMENTS: usize = 200;

pub(crate) fn decode_all(
    decoder: &mut Decoder<'_>,
    root: &Fields<'_>,
) -> BTreeMap<EnvironmentName, EnvironmentSpec> {
    let mut environments = BTreeMap::new();
    let Some(node) = root.get("environments") else { return environments };
    let Value::Map(entries) = &node.value else {
        decoder.wrong(node, "environments", "a mapping of names to {auto_promote, after, requires}");
        return environments;
    };
    if entries.len() > MAX_ENVIRONMENTS {
        let message = format!("{} environments are declared", entries.len());
        decoder.mistake(&node.place, message, format!("at most {MAX_ENVIRONMENTS}"));
        return environments;
    }
    for entry in entries {
        let path = format!("environments.{}", shorten(&entry.key));
        let name = decoder.checked::<EnvironmentName>(&entry.place, &path, entry.key.clone());
        let spec = EnvironmentSpec::decode(decoder, entry, &path);
        if let (Some(name), Some(spec)) = (name, spec) {
            environments.insert(name, spec);
        }
    }
    check_chains(decoder, entries, &environments);
    environments
}

impl EnvironmentSpec {
    fn decode(decoder: &mut Decoder<'_>, entry: &Entry, path: &str) -> Option<Self> {
        if entry.node.value == Value::Null {
            return Some(Self::default());
        }
        let fields = decoder.fields(&entry.node, &entry.place, path, ENVIRONMENT_KEYS)?;
        let auto_promote = fields.boolean(decoder, "auto_promote", false);
        let after = fields.get("after").and_then(|node| decoder.name(node, &fields.path("after")));
        let mut requires = Vec::new();
        for item in fields.list(decoder, "requires") {
            let Some(requirement) = decoder.word(item, &fields.path("requires"), REQUIREMENTS) else {
                continue;
            };
            if requires.contains(&requirement) {
                let message = format!("`{path}.requires` names {} twice", item.value.describe());
                decoder.mistake(&item.place, message, "each requirement once");
            }
            requires.push(requirement);
        }
        Some(Self { auto_promote, after, requires })
    }
}

/// `after` names declared environments and leads in no circle.
fn check_chains(
    decoder: &mut Decoder<'_>,
    entries: &[Entry],
    environments: &BTreeMap<EnvironmentName, EnvironmentSpec>,
) {
    let declared: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let mut in_circle: Vec<&EnvironmentName> = Vec::new();
    for entry in entries {
        let Some((name, spec)) = environments.iter().find(|(name, _)| name.as_str() == entry.key) else {
            continue;
        };
        let (Some(after), Some(node)) = (&spec.after, after_node(entry)) else { continue };
        if !declared.contains(&after.as_str()) {
            decoder.unknown(&node.place, "environment", after.as_str(), &declared);
            continue;
        }
        let chain = chain_from(environments, name);
        if chain.last() == Some(&name) && !in_circle.contains(&name) {
            let words: Vec<&str> =
                std::iter::once(name).chain(chain.iter().copied()).map(EnvironmentName::as_str).collect();
            let message = format!("`after` leads in a circle: {}", words.join(" → "));
            decoder.mistake(&node.place, message, "a first environment without `after`");
            in_circle.extend(chain);
        }
    }
}

/// The environments before `start`, nearest first, ending at `start` itself where they lead in a circle to it.
fn chain_from<'e>(
    environments: &'e BTreeMap<EnvironmentName, EnvironmentSpec>,
    start: &EnvironmentName,
) -> Vec<&'e EnvironmentName> {
    let mut chain: Vec<&EnvironmentName> = Vec::new();
    let mut at = environments.get(start);
    while let Some(after) = at.and_then(|spec| spec.after.as_ref()) {
        if chain.contains(&after) {
            break;
        }
        chain.push(after);
        if after == start {
            break;
        }
        at = environments.get(after);
    }
    chain
}

fn after_node(entry: &Entry) -> Option<&Node> {
    let Value::Map(fields) = &entry.node.value else { return None };
    fields.iter().find(|field| field.key == "after").map(|field| &field.node)
}

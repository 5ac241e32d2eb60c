//! The JSON Schema editors complete and check `model.yaml` with.

use keelmark_types::METRICS;
use schemars::{Schema, SchemaGenerator, json_schema};

/// The JSON Schema of `model.yaml`.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(crate::Manifest).to_value()
}

pub(crate) fn one_or_many(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]})
}

pub(crate) fn task(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"enum": ["classification", "regression"]})
}

pub(crate) fn metrics(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
    json_schema!({"type": "array", "items": {"enum": names}})
}

pub(crate) fn validation_metric(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = std::iter::once("loss").chain(METRICS.iter().map(|metric| metric.name)).collect();
    json_schema!({"enum": names})
}

pub(crate) fn gate_metric(_: &mut SchemaGenerator) -> Schema {
    let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
    names.extend(crate::CLASS_METRICS.iter().filter(|name| keelmark_types::metric_info(name).is_none()));
    json_schema!({"enum": names})
}

//! The JSON Schema editors complete and check `model.yaml` with.

use keelmark_types::METRICS;
use schemars::{Schema, SchemaGenerator, json_schema};

/// The JSON Schema of `model.yaml`.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(crate::Manifest).to_value()
}

/// The name of a column or class; numbers need no quotes.
pub(crate) fn word(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "integer"]})
}

pub(crate) fn optional_word(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "integer", "null"]})
}

pub(crate) fn one_or_many(_: &mut SchemaGenerator) -> Schema {
    let word = json_schema!({"type": ["string", "integer"]});
    json_schema!({"anyOf": [word, {"type": "array", "items": word, "minItems": 1}]})
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

/// A shape whose keys all have defaults may be written by its name alone: `optimizer: adamw`.
pub(crate) fn or_name_alone(schema: &mut Schema) {
    let Some(serde_json::Value::Array(shapes)) = schema.get_mut("oneOf") else { return };
    let names: Vec<serde_json::Value> = shapes
        .iter()
        .filter_map(|shape| shape.get("properties")?.as_object()?.keys().next())
        .map(|name| name.clone().into())
        .collect();
    shapes.push(serde_json::json!({"enum": names}));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::{data, environment, evaluate, gate, manifest, train};

    /// The keys a definition allows, over all its shapes.
    fn keys(schema: &Value) -> BTreeSet<&str> {
        let shapes = schema.get("anyOf").and_then(Value::as_array);
        let own = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|map| map.keys());
        own.map(String::as_str).chain(shapes.into_iter().flatten().flat_map(keys)).collect()
    }

    #[test]
    fn editors_and_the_decoder_allow_the_same_keys() {
        let schema = json_schema();
        assert_eq!(keys(&schema), manifest::KEYS.iter().copied().collect(), "the keys of the whole file");
        for (name, decoded) in [
            ("DataSpec", data::DATA_KEYS),
            ("Split", data::SPLIT_KEYS),
            ("FeatureSpec", data::FEATURE_KEYS),
            ("TrainSpec", train::TRAIN_KEYS),
            ("EarlyStopping", train::STOPPING_KEYS),
            ("EvaluateSpec", evaluate::EVALUATE_KEYS),
            ("SliceSpec", evaluate::SLICE_KEYS),
            ("PredictionsSpec", evaluate::PREDICTION_KEYS),
            ("Gate", gate::GATE_KEYS),
            ("EnvironmentSpec", environment::ENVIRONMENT_KEYS),
            ("ShareSpec", &["predictions"]),
            ("AdoptSpec", &["dvc", "mlflow"]),
        ] {
            let definition = &schema["$defs"][name];
            assert_eq!(keys(definition), decoded.iter().copied().collect(), "the keys of {name}");
        }
        for (name, tag, decoded) in [
            ("Optimizer", "adamw", train::ADAMW_KEYS),
            ("Optimizer", "sgd", train::SGD_KEYS),
            ("Schedule", "cosine", train::COSINE_KEYS),
        ] {
            let shapes = schema["$defs"][name]["oneOf"].as_array().expect("shapes");
            let shape = shapes.iter().find_map(|shape| shape["properties"].get(tag)).expect("the shape");
            assert_eq!(keys(shape), decoded.iter().copied().collect(), "the keys of {name} {tag}");
        }
    }

    #[test]
    fn every_key_is_described() {
        fn walk(value: &Value, path: &str, bare: &mut Vec<String>) {
            if let Some(properties) = value.get("properties").and_then(Value::as_object) {
                // The key of a shape is described on the shape itself.
                let is_shape = properties.len() == 1 && value.get("description").is_some();
                for (key, property) in properties {
                    let described = property.get("description").is_some() || is_shape;
                    if !described {
                        bare.push(format!("{path}.{key}"));
                    }
                }
            }
            match value {
                Value::Object(map) => {
                    map.iter().for_each(|(key, inner)| walk(inner, &format!("{path}.{key}"), bare));
                }
                Value::Array(items) => items.iter().for_each(|inner| walk(inner, path, bare)),
                _ => {}
            }
        }
        let mut bare = Vec::new();
        walk(&json_schema(), "", &mut bare);
        assert!(bare.is_empty(), "editors show a description for every key; none for {bare:?}");
    }
}

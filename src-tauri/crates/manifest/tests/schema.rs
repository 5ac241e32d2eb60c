//! The JSON Schema accepts the documented example and what the parser accepts, and refuses what it refuses.

use keelmark_manifest::{json_schema, parse};
use serde_json::Value;

/// As much of JSON Schema as ours uses; keywords that only describe are skipped, unknown ones fail the test.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(flag) = schema.as_bool() {
        return flag;
    }
    let number = |bound: &Value| bound.as_f64().expect("a bound is a number");
    let array = |shapes: &Value| shapes.as_array().expect("a list of schemas").clone();
    schema.as_object().expect("a schema").iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "default" | "format" | "minLength" | "maxLength"
        | "pattern" => true,
        "$ref" => {
            let name =
                rule.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a local reference");
            accepts(root, &root["$defs"][name], value)
        }
        "type" => {
            let is = |name: &Value| match name.as_str() {
                Some("object") => value.is_object(),
                Some("array") => value.is_array(),
                Some("string") => value.is_string(),
                Some("boolean") => value.is_boolean(),
                Some("null") => value.is_null(),
                Some("number") => value.is_number(),
                Some("integer") => value.is_u64() || value.is_i64(),
                other => panic!("unknown type {other:?}"),
            };
            rule.as_array().map_or_else(|| is(rule), |types| types.iter().any(is))
        }
        "enum" => array(rule).contains(value),
        "const" => rule == value,
        "anyOf" => array(rule).iter().any(|shape| accepts(root, shape, value)),
        "oneOf" => array(rule).iter().filter(|shape| accepts(root, shape, value)).count() == 1,
        "required" => value
            .as_object()
            .is_none_or(|map| array(rule).iter().all(|key| map.contains_key(key.as_str().expect("a key")))),
        "properties" => value.as_object().is_none_or(|map| {
            map.iter().all(|(key, inner)| rule.get(key).is_none_or(|schema| accepts(root, schema, inner)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let known = schema.get("properties").and_then(Value::as_object);
            map.iter()
                .filter(|(key, _)| known.is_none_or(|known| !known.contains_key(*key)))
                .all(|(_, inner)| accepts(root, rule, inner))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| accepts(root, rule, item))),
        "minItems" => {
            value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().expect("a count"))
        }
        "minimum" => value.as_f64().is_none_or(|at| at >= number(rule)),
        "maximum" => value.as_f64().is_none_or(|at| at <= number(rule)),
        "exclusiveMinimum" => value.as_f64().is_none_or(|at| at > number(rule)),
        "exclusiveMaximum" => value.as_f64().is_none_or(|at| at < number(rule)),
        other => panic!("the test does not know the keyword {other}"),
    })
}

fn both(yaml: &str) -> (bool, bool) {
    let value: Value = serde_saphyr::from_str(yaml).expect("sound YAML");
    let schema = json_schema();
    (accepts(&schema, &schema, &value), parse("model.yaml", yaml).is_ok())
}

const EXAMPLE: &str = include_str!("fixtures/digits.yaml");

#[test]
fn the_example_and_its_canonical_form_are_accepted() {
    assert_eq!(both(EXAMPLE), (true, true));
    let canonical = parse("model.yaml", EXAMPLE).expect("sound").to_canonical_json();
    assert_eq!(both(&canonical), (true, true));
}

#[test]
fn what_editors_say_is_what_the_parser_says() {
    for (from, to, sound) in [
        ("columns: \"p*\"", "columns: [p0, \"p1*\"]", true),
        ("{adamw: {lr: 0.001}}", "sgd", true),
        ("{adamw: {lr: 0.001}}", "{sgd: {momentum: 0.9}}", true),
        ("staging:    {auto_promote: true}", "staging:", true),
        ("{kernel: 2}", "{kernel: 2, stride: 1}", true),
        ("{metric: accuracy, at_least: 0.95}", "{metric: recall, class: \"3\", at_least: 0.9}", true),
        ("{metric: accuracy, at_least: 0.95}", "{metric: log_loss, at_most: 3}", true),
        ("{metric: accuracy, at_least: 0.95}", "{metric: recall, class: 3, at_least: 0.9}", true),
        ("target: label", "target: 64", true),
        ("ratio: 0.15", "ratio: 1.5", false),
        ("ratio: 0.15, ", "", false),
        ("epochs: 20", "epochs: 0", false),
        ("epochs: 20", "epoch: 20", false),
        ("- relu", "- gelu", false),
        ("{units: 64}", "{unit: 64}", false),
        ("dropout: 0.1", "dropout: 1.0", false),
        ("at_least: 0.95", "atleast: 0.95", false),
        ("size_mib: 20", "size_mib: 0", false),
        ("keelmark: 1 ", "keelmark: 2 ", false),
        ("task: classification", "task: ranking", false),
        ("metrics: [accuracy,", "metrics: [acuracy,", false),
        ("requires: [signature,", "requires: [signatures,", false),
        ("{class: true}", "{class: false}", false),
        ("count: 4", "count: 1", false),
    ] {
        let yaml = EXAMPLE.replacen(from, to, 1);
        assert_ne!(yaml, EXAMPLE, "{from} has to stand in the example");
        assert_eq!(both(&yaml), (sound, sound), "{from} → {to}: (schema, parser)");
    }
}

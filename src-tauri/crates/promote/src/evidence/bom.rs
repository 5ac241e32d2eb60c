//! `bom.json`: a `CycloneDX` 1.6 bill of materials of the model, its files and its data.

use keelmark_types::{DataPin, Deployment, Evaluation, MetricValue, TaskKind};
use serde_json::{Map, Value, json};

use crate::plan::PromotionRequest;

pub(crate) fn bill_of_materials(request: &PromotionRequest<'_>, deployment: &Deployment) -> Value {
    let mut components = vec![model(request, deployment)];
    components.extend(deployment.files.iter().map(|file| {
        json!({
            "type": "file",
            "bom-ref": format!("file/{}", file.path),
            "name": file.path,
            "hashes": [{"alg": "SHA-256", "content": file.sha256}],
        })
    }));
    components.extend(request.run.data.iter().map(|pin| {
        json!({
            "type": "data",
            "bom-ref": data_ref(pin),
            "name": pin.path,
            "hashes": [{"alg": "SHA-256", "content": pin.sha256}],
            "data": [{"type": "dataset", "name": pin.path}],
        })
    }));
    let environment = &request.run.environment;
    for (name, version) in
        [("keelmark", &environment.app_version), ("candle-core", &environment.candle_version)]
    {
        if !version.is_empty() {
            components.push(json!({
                "type": "library",
                "bom-ref": format!("library/{name}"),
                "name": name,
                "version": version,
            }));
        }
    }
    let references: Vec<Value> =
        components.iter().skip(1).filter_map(|component| component.get("bom-ref").cloned()).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(deployment.release_digest.as_str()),
        "version": 1,
        "components": components,
        "dependencies": [{"ref": "model", "dependsOn": references}],
    })
}

fn data_ref(pin: &DataPin) -> String {
    format!("data/{}", pin.path)
}

fn model(request: &PromotionRequest<'_>, deployment: &Deployment) -> Value {
    let task = match request.evaluation.task {
        TaskKind::Classification => "classification",
        TaskKind::Regression => "regression",
    };
    let datasets: Vec<Value> = request.run.data.iter().map(|pin| json!({"ref": data_ref(pin)})).collect();
    json!({
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": deployment.model,
        "version": deployment.release.to_string(),
        "hashes": [{"alg": "SHA-256", "content": deployment.release_digest}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": task,
                "datasets": datasets,
            },
            "quantitativeAnalysis": {"performanceMetrics": performance(request.evaluation)},
        },
        "properties": [
            {"name": "keelmark:version", "value": deployment.version},
            {"name": "keelmark:run", "value": deployment.run.id},
            {"name": "keelmark:release-digest", "value": format!("sha256:{}", deployment.release_digest)},
        ],
    })
}

fn performance(evaluation: &Evaluation) -> Vec<Value> {
    let whole = evaluation.metrics.iter().filter_map(|(name, value)| metric(name, value, None));
    let slices = evaluation.slices.iter().flat_map(|slice| {
        let name = format!("{} = {}", slice.column, slice.value);
        slice.metrics.iter().filter_map(move |(metric_name, value)| metric(metric_name, value, Some(&name)))
    });
    whole.chain(slices).collect()
}

fn metric(name: &str, metric: &MetricValue, slice: Option<&str>) -> Option<Value> {
    let mut fields = Map::new();
    fields.insert("type".to_owned(), json!(name));
    fields.insert("value".to_owned(), json!(metric.value?.to_string()));
    if let Some(slice) = slice {
        fields.insert("slice".to_owned(), json!(slice));
    }
    if let (Some(low), Some(high)) = (metric.low, metric.high) {
        let interval = json!({"lowerBound": low.to_string(), "upperBound": high.to_string()});
        fields.insert("confidenceInterval".to_owned(), interval);
    }
    Some(Value::Object(fields))
}

/// A UUID of version 8 (made by the writer's own rule) from the first 16 bytes of the release digest.
fn serial_number(digest: &str) -> String {
    let part = |range: std::ops::Range<usize>| digest.get(range).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

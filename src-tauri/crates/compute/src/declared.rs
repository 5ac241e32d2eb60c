//! What can be said of a manifest's model before any data is read.

use keelmark_manifest::{Manifest, ModelSpec};
use keelmark_types::TaskKind;

use crate::{Architecture, Error};

/// Checks that the layers of a manifest follow each other. Where the shape of an example is known only from the data,
/// nothing is said.
pub fn check_manifest(manifest: &Manifest) -> Result<(), Error> {
    if matches!(manifest.model, ModelSpec::Artifact(_)) {
        return Ok(());
    }
    let mut shapes = manifest.data.features.values().map(|feature| feature.shape.as_deref());
    let (Some(Some(shape)), None) = (shapes.next(), shapes.next()) else { return Ok(()) };
    let outputs = match manifest.task {
        TaskKind::Classification => 2,
        TaskKind::Regression => 1,
    };
    Architecture::plan(&manifest.model, shape, outputs).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(shape: &str, layer: &str) -> Manifest {
        let text = format!(
            "keelmark: 1\nname: digits\ntask: classification\ndata:\n  train: {{path: a.csv}}\n  \
             validation: {{split_from: train, ratio: 0.2}}\n  test: {{path: b.csv}}\n  target: label\n  \
             features: {{pixels: {{columns: \"p*\"{shape}}}}}\nmodel:\n  layers: [{layer}]\n"
        );
        keelmark_manifest::parse("model.yaml", &text).expect("a manifest")
    }

    #[test]
    fn layers_are_checked_where_the_shape_is_declared() {
        let wide = "{linear: {units: 60000}}, {linear: {units: 60000}}";
        let error = check_manifest(&manifest(", shape: [1, 8, 8]", wide)).expect_err("14 GB of weights");
        assert!(matches!(error, Error::Layer { index: 2, kind: "linear", .. }), "{error}");
        check_manifest(&manifest(", shape: [1, 8, 8]", "linear: {units: 60000}"))
            .expect("one such layer fits");
        check_manifest(&manifest("", wide)).expect("without a shape nothing can be said yet");
    }
}

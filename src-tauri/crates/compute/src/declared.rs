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

//! A model in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tract_onnx::prelude::*;

use crate::{Beside, Description, Error, Limits, external, support, wire};

/// An ONNX model that was read and whose every operator is known.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) description: Description,
    pub(crate) graph: InferenceModel,
    pub(crate) limits: Limits,
}

impl Model {
    /// Reads a model that has all its numbers in itself.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::read_with(bytes, limits, &mut |_| Err("it is not in the file itself".to_owned()))
    }

    /// Reads a model whose numbers may lie in files beside it, which `beside` gives.
    pub fn read_with(bytes: &[u8], limits: &Limits, beside: &mut Beside<'_>) -> Result<Self, Error> {
        wire::check(bytes, limits)?;
        contained("reading", || {
            let decoded = onnx().proto_model_for_read(&mut &*bytes);
            let mut model = decoded.map_err(|error| Error::Corrupt(format!("{error:#}")))?;
            let Some(mut graph) = model.graph.take() else {
                return Err(Error::Corrupt("it has no graph".to_owned()));
            };
            if graph.output.is_empty() {
                return Err(Error::Corrupt("its graph has no output".to_owned()));
            }
            support::check(&model, &graph)?;
            external::bring_in(&mut graph, limits, beside)?;
            let description = Description::of(&model, &graph);
            model.graph = Some(graph);
            let graph = support::reader().model_for_proto_model(&model);
            let graph = graph.map_err(|error| Error::Failed(brief(&error)))?;
            Ok(Self { description, graph, limits: *limits })
        })
    }

    /// What the file says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The classes in the order of the probabilities, where the graph carries them.
    pub fn classes(&self) -> Option<&[String]> {
        self.description.classes.as_deref()
    }
}

/// Runs what tract might break down in on a strange graph.
pub(crate) fn contained<T>(doing: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|cause| {
        let message = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = message.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Error::Failed(format!("{doing} it broke down: {}", cut(&message))))
    })
}

/// An error of tract's, which may quote whole tensors, short enough to be read.
pub(crate) fn brief(error: &TractError) -> String {
    cut(&format!("{error:#}"))
}

fn cut(text: &str) -> String {
    let line = text.replace('\n', " ");
    line.char_indices().nth(400).map_or_else(|| line.clone(), |(end, _)| format!("{}…", &line[..end]))
}

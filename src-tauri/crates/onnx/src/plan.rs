//! The graph, made ready for batches of one size.

use std::sync::Arc;

use keelmark_types::Stop;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_core::plan::eval;

use crate::bind::Binding;
use crate::guard::{self, FOLDED_BYTES};
use crate::model::brief;
use crate::{Error, Limits, Model};

/// The graph for batches of one size.
#[derive(Debug)]
pub(crate) struct Plan {
    pub rows: usize,
    steps: Arc<TypedSimplePlan>,
}

/// Why a batch has no answer.
pub(crate) enum Ended {
    Stopped,
    Failed(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What one batch takes.
pub(crate) struct Size {
    /// All values but constants.
    all_bytes: u64,
    largest_bytes: u64,
}

impl Size {
    /// How many rows at most, where this is the size for one.
    pub fn rows(&self, limits: &Limits) -> usize {
        let by_all = limits.memory_bytes / self.all_bytes.max(1);
        let by_largest = FOLDED_BYTES / self.largest_bytes.max(1);
        usize::try_from(by_all.min(by_largest)).unwrap_or(usize::MAX).max(1)
    }
}

impl Plan {
    pub fn new(model: &Model, binding: &Binding<'_>, rows: usize) -> Result<(Self, Size), Error> {
        let facts = binding.facts(rows)?;
        let refused = |error: TractError| Error::Failed(brief(&error));
        let mut graph = model.graph.clone();
        for (place, (kind, shape)) in facts.into_iter().enumerate() {
            graph.set_input_fact(place, InferenceFact::dt_shape(kind, shape)).map_err(refused)?;
        }
        let typed = graph.into_typed().map_err(refused)?;
        let size = measure(&typed);
        let limit = model.limits.memory_bytes;
        if size.all_bytes > limit {
            return Err(Error::TooLarge {
                what: "the values of one batch in bytes",
                size: size.all_bytes,
                limit,
            });
        }
        let steps = typed.into_optimized().and_then(TypedSimplePlan::new).map_err(refused)?;
        Ok((Self { rows, steps }, size))
    }

    /// Every output for one batch.
    pub fn run(&self, inputs: TVec<TValue>, stop: &Stop) -> Result<TVec<TValue>, Ended> {
        let mut state = self.steps.spawn().map_err(|error| Error::Failed(brief(&error)))?;
        let answers = state.run_plan_with_eval(inputs, |context, own, node, inputs| {
            if stop.is_raised() {
                return Err(TractError::msg("stopped"));
            }
            eval(context, own, node, inputs)
        });
        match answers {
            Ok(answers) => Ok(answers),
            Err(_) if stop.is_raised() => Err(Ended::Stopped),
            Err(error) => Err(Error::Failed(brief(&error)).into()),
        }
    }
}

fn measure(model: &TypedModel) -> Size {
    let mut size = Size { all_bytes: 0, largest_bytes: 0 };
    let nodes = model.nodes().iter().filter(|node| !node.op_is::<Const>());
    for fact in nodes.flat_map(|node| &node.outputs).map(|output| &output.fact) {
        let bytes = guard::bytes(Some(fact.datum_type), fact.shape.iter()).unwrap_or(0);
        size.all_bytes = size.all_bytes.saturating_add(bytes);
        size.largest_bytes = size.largest_bytes.max(bytes);
    }
    size
}

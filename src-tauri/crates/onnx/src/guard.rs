//! Keeps values that are computed while a graph is read, and the values of a whole batch, within the memory limit.

use std::fmt::Debug;

use tract_onnx::tract_hir::internal::*;

/// What one value may take: less than hurts; batches are made small enough for it.
pub(crate) const FOLDED_BYTES: u64 = 256 << 20;

/// An operator whose outputs are measured before tract computes it ahead of time.
#[derive(Debug, Clone)]
pub(crate) struct Guarded(pub Box<dyn InferenceOp>);

impl PartialEq for Guarded {
    fn eq(&self, _other: &Self) -> bool {
        false
    }
}

impl Eq for Guarded {}

impl Op for Guarded {
    fn name(&self) -> StaticName {
        self.0.as_op().name()
    }

    not_a_typed_op!();
}

impl EvalOp for Guarded {
    fn eval_out_of_plan(&self, inputs: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        self.0.as_op().eval_out_of_plan(inputs)
    }

    fn eval(&self, context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.0.as_op().eval(context, inputs)
    }

    fn state(&self, context: &EvalContext) -> TractResult<Option<Box<dyn OpState>>> {
        self.0.as_op().state(context)
    }
}

impl InferenceOp for Guarded {
    fn infer(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>)> {
        let known = self.0.infer_facts(inputs.clone(), outputs.clone(), observed.clone())?;
        for fact in &known.1 {
            if let Some(shape) = fact.shape.concretize() {
                let bytes = bytes(fact.datum_type.concretize(), shape.iter());
                let fits = bytes.is_none_or(|bytes| bytes <= FOLDED_BYTES);
                ensure!(fits, "a value of shape {shape:?} is over the memory limit");
            }
        }
        self.0.infer(inputs, outputs, observed)
    }

    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>)> {
        self.0.infer_facts(inputs, outputs, observed)
    }

    fn observe_outlets(&self, model: &InferenceModel, node: &InferenceNode) -> TractResult<Vec<OutletId>> {
        self.0.observe_outlets(model, node)
    }

    fn incorporate(
        &self,
        model: &InferenceModel,
        node: &InferenceNode,
    ) -> TractResult<Option<InferenceModelPatch>> {
        self.0.incorporate(model, node)
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.0.nboutputs()
    }

    fn to_typed(
        &self,
        source: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        self.0.to_typed(source, node, target, mapping)
    }

    as_op!();
}

/// The size of a value whose every axis is known, as large as can be where it cannot be counted.
pub(crate) fn bytes<'a>(kind: Option<DatumType>, shape: impl Iterator<Item = &'a TDim>) -> Option<u64> {
    let mut size = kind.map_or(8, |kind| kind.size_of()) as u64;
    for axis in shape {
        let axis = axis.to_i64().ok()?;
        size = size.saturating_mul(u64::try_from(axis).unwrap_or(u64::MAX));
    }
    Some(size)
}

//! Attributes of a node, each of the type it must have.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::{AttributeProto, NodeProto};
use tract_onnx::tract_hir::internal::*;

pub(super) struct Attributes<'a> {
    pub context: &'a ParsingContext<'a>,
    pub node: &'a NodeProto,
}

impl Attributes<'_> {
    fn find(&self, name: &str) -> Option<&AttributeProto> {
        self.node.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// The version of `ai.onnx.ml` that the file asks for.
    pub fn opset(&self) -> i64 {
        let sets = &self.context.model.opset_import;
        sets.iter().find(|set| set.domain == "ai.onnx.ml").map_or(1, |set| set.version)
    }

    /// Whether the node has the attribute at all.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub fn integer(&self, name: &str, default: i64) -> i64 {
        self.find(name).map_or(default, |attribute| attribute.i)
    }

    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.find(name).map_or(default, |attribute| attribute.f)
    }

    pub fn text(&self, name: &str, default: &str) -> TractResult<String> {
        self.find(name)
            .map_or(Ok(default.to_owned()), |attribute| Ok(String::from_utf8(attribute.s.clone())?))
    }

    pub fn integers(&self, name: &str) -> &[i64] {
        self.find(name).map_or(&[], |attribute| &attribute.ints)
    }

    /// Integers that count or point at something.
    pub fn indices(&self, name: &str) -> TractResult<Vec<usize>> {
        let convert =
            |&number: &i64| usize::try_from(number).with_context(|| format!("{name} holds {number}"));
        self.integers(name).iter().map(convert).collect()
    }

    pub fn floats(&self, name: &str) -> &[f32] {
        self.find(name).map_or(&[], |attribute| &attribute.floats)
    }

    pub fn texts(&self, name: &str) -> TractResult<Vec<String>> {
        let bytes = self.find(name).map_or(&[][..], |attribute| &attribute.strings);
        bytes.iter().map(|text| Ok(String::from_utf8(text.clone())?)).collect()
    }

    pub fn tensor(&self, name: &str) -> TractResult<Option<Tensor>> {
        let proto = self.find(name).and_then(|attribute| attribute.t.as_ref());
        proto.map(|proto| self.context.load_tensor(proto)).transpose()
    }

    /// Numbers that are either a list of floats or, under `name` with `_as_tensor`, a tensor of any precision.
    /// True where they are a tensor of doubles.
    pub fn precise(&self, name: &str) -> TractResult<(Vec<f64>, bool)> {
        if let Some(tensor) = self.tensor(&format!("{name}_as_tensor"))? {
            let double = tensor.datum_type() == f64::datum_type();
            let numbers = tensor.cast_to::<f64>()?;
            return Ok((numbers.try_as_plain_ram()?.as_slice::<f64>()?.to_vec(), double));
        }
        Ok((self.floats(name).iter().map(|&number| f64::from(number)).collect(), false))
    }
}

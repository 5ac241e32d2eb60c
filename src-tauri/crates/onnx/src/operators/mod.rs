//! The operators of classical machine learning (`ai.onnx.ml`), as operators of tract's.
//!
//! tract has a few of them; ours take their place, since they are checked against onnxruntime one by one and read a
//! hostile file without `unsafe`. What onnxruntime does is what counts where the specification is silent.

mod attributes;
mod columns;
mod encode;
mod linear;
mod scores;
mod svm;
mod tree;

use std::fmt::Debug;
use std::sync::Arc;

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

use attributes::Attributes;

/// The type and shape of a value before it is computed.
type Fact = (DatumType, TVec<TDim>);

/// One operator: a pure function of its inputs.
trait Kernel: Debug + Send + Sync + 'static {
    /// Type and shape of every output the operator has.
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>>;
    /// Every output.
    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>>;
}

type Build = fn(&Attributes<'_>) -> TractResult<Arc<dyn Kernel>>;

/// The operators of ours and how each is built.
const OURS: [(&str, Build); 16] = [
    ("ArrayFeatureExtractor", columns::feature_extractor),
    ("Binarizer", columns::binarizer),
    ("FeatureVectorizer", columns::feature_vectorizer),
    ("Imputer", columns::imputer),
    ("LabelEncoder", encode::label_encoder),
    ("LinearClassifier", linear::classifier),
    ("LinearRegressor", linear::regressor),
    ("Normalizer", columns::normalizer),
    ("OneHotEncoder", encode::one_hot_encoder),
    ("Scaler", columns::scaler),
    ("SVMClassifier", svm::classifier),
    ("SVMRegressor", svm::regressor),
    ("TreeEnsembleClassifier", tree::classifier),
    ("TreeEnsembleRegressor", tree::regressor),
    // Its maps only pair names with columns: the columns go on, the names are read from the graph.
    ("ZipMap", |_| Ok(Arc::new(Pass))),
    // Older and rarer than LabelEncoder, and both ways at once.
    ("CategoryMapper", encode::category_mapper),
];

/// Whether `ai.onnx.ml` has an operator of this name here.
pub(crate) fn has(operator: &str) -> bool {
    OURS.iter().any(|(name, _)| *name == operator)
}

/// Puts ours into tract's register.
pub(crate) fn register(operators: &mut OnnxOpRegister) {
    for (name, _) in OURS {
        operators.insert(name, build);
    }
}

fn build(context: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let Some((name, make)) = OURS.iter().find(|(name, _)| *name == node.op_type) else {
        bail!("{} is not an operator of ours", node.op_type);
    };
    let kernel = make(&Attributes { context, node })?;
    let wanted =
        node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()).map(|(at, _)| at).collect();
    Ok((expand(Operator { name, kernel, wanted }), vec![]))
}

/// A kernel in tract's clothes.
#[derive(Debug, Clone)]
struct Operator {
    name: &'static str,
    kernel: Arc<dyn Kernel>,
    /// The outputs that the graph names.
    wanted: Vec<usize>,
}

impl PartialEq for Operator {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kernel, &other.kernel) && self.wanted == other.wanted
    }
}

impl Eq for Operator {}

impl Operator {
    fn facts(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let all = self.kernel.outputs(inputs)?;
        self.pick(all)
    }

    fn pick<T>(&self, all: Vec<T>) -> TractResult<Vec<T>> {
        ensure!(self.wanted.iter().all(|&at| at < all.len()), "{} has only {} outputs", self.name, all.len());
        let picked = all.into_iter().enumerate().filter(|(at, _)| self.wanted.contains(at));
        Ok(picked.map(|(_, value)| value).collect())
    }
}

impl Expansion for Operator {
    fn name(&self) -> StaticName {
        self.name.into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.wanted.len())
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        solver.given_all(inputs.iter().map(|input| &input.datum_type), move |solver, types| {
            solver.given_all(inputs.iter().map(|input| &input.shape), move |solver, shapes| {
                let facts: Vec<Fact> = types.iter().copied().zip(shapes).collect();
                for (output, (kind, shape)) in outputs.iter().zip(self.facts(&facts)?) {
                    solver.equals(&output.datum_type, kind)?;
                    solver.equals(&output.shape, shape)?;
                }
                Ok(())
            })
        })
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Operator {
    fn name(&self) -> StaticName {
        self.name.into()
    }

    op_as_typed_op!();
}

impl EvalOp for Operator {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let outputs = self.pick(self.kernel.run(&inputs)?)?;
        Ok(outputs.into_iter().map(IntoTValue::into_tvalue).collect())
    }
}

impl TypedOp for Operator {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let facts: Vec<Fact> =
            inputs.iter().map(|fact| (fact.datum_type, fact.shape.iter().cloned().collect())).collect();
        Ok(self.facts(&facts)?.into_iter().map(|(kind, shape)| kind.fact(shape)).collect())
    }

    as_op!();
}

/// Gives its input on.
#[derive(Debug)]
struct Pass;

impl Kernel for Pass {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        Ok(vec![first(inputs)?.clone()])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        Ok(vec![first(inputs)?.clone().into_tensor()])
    }
}

/// The first input, which every operator here needs.
fn first<T>(inputs: &[T]) -> TractResult<&T> {
    inputs.first().context("an input is missing")
}

/// Rows and columns of a table; a single axis is one row.
fn table_of(shape: &[usize]) -> TractResult<(usize, usize)> {
    match *shape {
        [columns] => Ok((1, columns)),
        [rows, ref rest @ ..] => Ok((rows, rest.iter().product())),
        [] => bail!("a table is needed, not a single value"),
    }
}

/// Rows of a table before it is computed.
fn rows_of(fact: &Fact) -> TDim {
    if fact.1.len() == 1 { 1.to_dim() } else { fact.1.first().cloned().unwrap_or_else(|| 1.to_dim()) }
}

fn floats(shape: &[usize], values: &[f32]) -> TractResult<Tensor> {
    Tensor::from_shape(shape, values)
}

fn texts(shape: &[usize], values: Vec<String>) -> TractResult<Tensor> {
    Ok(tract_ndarray::ArrayD::from_shape_vec(shape, values)?.into())
}

/// The type of integers that tract may hold as dimensions.
fn settled(kind: DatumType) -> DatumType {
    if kind == TDim::datum_type() { i64::datum_type() } else { kind }
}

//! Operators that turn categories into numbers and back.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::tract_hir::internal::*;

use super::{Attributes, Fact, Kernel, first, floats, texts};

/// Categories, each with its place in the list it came from.
#[derive(Debug)]
enum Keys {
    Texts(HashMap<String, usize>),
    Integers(HashMap<i64, usize>),
    /// By the bits of a double, see [`bits`].
    Numbers(HashMap<u64, usize>),
}

/// Bits under which all NaN are one, and both zeros.
fn bits(number: f64) -> u64 {
    if number.is_nan() { f64::NAN.to_bits() } else { (number + 0.0).to_bits() }
}

/// The place of each key; where one stands twice, its first.
fn places<K: Eq + Hash>(keys: impl IntoIterator<Item = K>) -> HashMap<K, usize> {
    let mut places = HashMap::new();
    for (place, key) in keys.into_iter().enumerate() {
        places.entry(key).or_insert(place);
    }
    places
}

impl Keys {
    fn of_tensor(tensor: &Tensor) -> TractResult<Self> {
        let kind = tensor.datum_type();
        Ok(if kind == String::datum_type() {
            Self::Texts(places(tensor.try_as_plain_ram()?.as_slice::<String>()?.iter().cloned()))
        } else if kind.is_float() {
            let numbers = tensor.cast_to::<f64>()?;
            Self::Numbers(places(
                numbers.try_as_plain_ram()?.as_slice::<f64>()?.iter().map(|&number| bits(number)),
            ))
        } else {
            let numbers = tensor.cast_to::<i64>()?;
            Self::Integers(places(numbers.try_as_plain_ram()?.as_slice::<i64>()?.iter().copied()))
        })
    }

    /// The place of every value of `input`.
    fn find(&self, input: &Tensor) -> TractResult<Vec<Option<usize>>> {
        let text = input.datum_type() == String::datum_type();
        ensure!(
            text == matches!(self, Self::Texts(_)),
            "it knows other categories than {:?}",
            input.datum_type()
        );
        Ok(match self {
            Self::Texts(places) => {
                let values = input.try_as_plain_ram()?.as_slice::<String>()?;
                values.iter().map(|value| places.get(value).copied()).collect()
            }
            Self::Integers(places) => {
                let values = input.cast_to::<i64>()?;
                values
                    .try_as_plain_ram()?
                    .as_slice::<i64>()?
                    .iter()
                    .map(|value| places.get(value).copied())
                    .collect()
            }
            Self::Numbers(places) => {
                let values = input.cast_to::<f64>()?;
                let values = values.try_as_plain_ram()?.as_slice::<f64>()?.iter();
                values.map(|&value| places.get(&bits(value)).copied()).collect()
            }
        })
    }
}

/// What categories become, with what stands for one that is not known.
#[derive(Debug)]
enum Values {
    Texts(Vec<String>, String),
    Integers(Vec<i64>, i64),
    Floats(Vec<f32>, f32),
    Doubles(Vec<f64>, f64),
}

impl Values {
    fn of_tensor(tensor: &Tensor, default: Option<&Tensor>) -> TractResult<Self> {
        let kind = tensor.datum_type();
        let default = default.filter(|default| default.len() == 1);
        Ok(if kind == String::datum_type() {
            let unknown =
                default.and_then(|d| d.try_as_plain_ram().ok()?.as_slice::<String>().ok()?.first().cloned());
            let values = tensor.try_as_plain_ram()?.as_slice::<String>()?.to_vec();
            Self::Texts(values, unknown.unwrap_or_else(|| "_Unused".to_owned()))
        } else if kind.is_float() {
            let numbers = tensor.cast_to::<f64>()?;
            let values = numbers.try_as_plain_ram()?.as_slice::<f64>()?;
            let unknown = default.map_or(Ok(-0.0), Tensor::cast_to_scalar::<f64>)?;
            if kind == f64::datum_type() {
                Self::Doubles(values.to_vec(), unknown)
            } else {
                Self::Floats(values.iter().map(|&value| value as f32).collect(), unknown as f32)
            }
        } else {
            let numbers = tensor.cast_to::<i64>()?;
            let unknown = default.map_or(Ok(-1), Tensor::cast_to_scalar::<i64>)?;
            Self::Integers(numbers.try_as_plain_ram()?.as_slice::<i64>()?.to_vec(), unknown)
        })
    }

    fn kind(&self) -> DatumType {
        match self {
            Self::Texts(..) => String::datum_type(),
            Self::Integers(..) => i64::datum_type(),
            Self::Floats(..) => f32::datum_type(),
            Self::Doubles(..) => f64::datum_type(),
        }
    }

    fn at(&self, shape: &[usize], places: &[Option<usize>]) -> TractResult<Tensor> {
        match self {
            Self::Texts(values, unknown) => texts(shape, chosen(values, unknown, places)),
            Self::Integers(values, unknown) => Tensor::from_shape(shape, &chosen(values, unknown, places)),
            Self::Floats(values, unknown) => floats(shape, &chosen(values, unknown, places)),
            Self::Doubles(values, unknown) => Tensor::from_shape(shape, &chosen(values, unknown, places)),
        }
    }
}

fn chosen<T: Clone>(values: &[T], unknown: &T, places: &[Option<usize>]) -> Vec<T> {
    places.iter().map(|place| place.and_then(|at| values.get(at)).unwrap_or(unknown).clone()).collect()
}

/// Category to category, both ways where the file gives only a list.
#[derive(Debug)]
struct Mapping {
    ways: Vec<(Keys, Values)>,
}

pub(super) fn label_encoder(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let unknown_text = attributes.text("default_string", "_Unused")?;
    let unknown_integer = attributes.integer("default_int64", -1);
    let list = attributes.texts("classes_strings")?;
    if !list.is_empty() {
        return Ok(Arc::new(both_ways(list, None, unknown_text, unknown_integer)));
    }
    let numbers = |name: &str| attributes.floats(name).to_vec();
    let keys = if let Some(tensor) = attributes.tensor("keys_tensor")? {
        Keys::of_tensor(&tensor)?
    } else if attributes.has("keys_strings") {
        Keys::Texts(places(attributes.texts("keys_strings")?))
    } else if attributes.has("keys_int64s") {
        Keys::Integers(places(attributes.integers("keys_int64s").iter().copied()))
    } else {
        let keys = numbers("keys_floats").into_iter().map(f64::from);
        // Before version 4 of the operators a missing value is like no key, not even a missing one.
        let any_missing = attributes.opset() >= 4;
        let mut found = HashMap::new();
        for (place, key) in keys.enumerate().filter(|(_, key)| any_missing || !key.is_nan()) {
            found.entry(bits(key)).or_insert(place);
        }
        Keys::Numbers(found)
    };
    let values = if let Some(tensor) = attributes.tensor("values_tensor")? {
        Values::of_tensor(&tensor, attributes.tensor("default_tensor")?.as_ref())?
    } else if attributes.has("values_strings") {
        Values::Texts(attributes.texts("values_strings")?, unknown_text)
    } else if attributes.has("values_int64s") {
        Values::Integers(attributes.integers("values_int64s").to_vec(), unknown_integer)
    } else {
        Values::Floats(numbers("values_floats"), attributes.float("default_float", -0.0))
    };
    Ok(Arc::new(Mapping { ways: vec![(keys, values)] }))
}

pub(super) fn category_mapper(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let list = attributes.texts("cats_strings")?;
    let numbers = attributes.integers("cats_int64s").to_vec();
    ensure!(
        list.len() == numbers.len(),
        "CategoryMapper has {} texts for {} numbers",
        list.len(),
        numbers.len()
    );
    let unknown = attributes.text("default_string", "_Unused")?;
    Ok(Arc::new(both_ways(list, Some(numbers), unknown, attributes.integer("default_int64", -1))))
}

/// Texts to numbers and numbers to texts; the numbers are places where none are given.
fn both_ways(list: Vec<String>, numbers: Option<Vec<i64>>, unknown_text: String, unknown: i64) -> Mapping {
    let numbers = numbers.unwrap_or_else(|| (0_i64..).take(list.len()).collect());
    let by_number = Keys::Integers(places(numbers.iter().copied()));
    let by_text = Keys::Texts(places(list.iter().cloned()));
    Mapping {
        ways: vec![
            (by_text, Values::Integers(numbers, unknown)),
            (by_number, Values::Texts(list, unknown_text)),
        ],
    }
}

impl Mapping {
    fn way(&self, kind: DatumType) -> TractResult<&(Keys, Values)> {
        let text = kind == String::datum_type();
        let way = self.ways.iter().find(|(keys, _)| matches!(keys, Keys::Texts(_)) == text);
        way.with_context(|| format!("it knows other categories than {kind:?}"))
    }
}

impl Kernel for Mapping {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let (kind, shape) = first(inputs)?;
        Ok(vec![(self.way(*kind)?.1.kind(), shape.clone())])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let input = first(inputs)?;
        let (keys, values) = self.way(input.datum_type())?;
        Ok(vec![values.at(input.shape(), &keys.find(input)?)?])
    }
}

/// One column a category, 1 in that of the value.
#[derive(Debug)]
struct OneHot {
    keys: Keys,
    count: usize,
    /// Whether an unknown category is a row of zeros, and not a mistake.
    zeros: bool,
}

pub(super) fn one_hot_encoder(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let (words, numbers) = (attributes.texts("cats_strings")?, attributes.integers("cats_int64s"));
    let count = words.len().max(numbers.len());
    ensure!(count > 0, "OneHotEncoder has no categories");
    let keys = if words.is_empty() {
        Keys::Integers(places(numbers.iter().copied()))
    } else {
        Keys::Texts(places(words))
    };
    Ok(Arc::new(OneHot { keys, count, zeros: attributes.integer("zeros", 1) != 0 }))
}

impl Kernel for OneHot {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let mut shape = first(inputs)?.1.clone();
        shape.push(self.count.to_dim());
        Ok(vec![(f32::datum_type(), shape)])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let input = first(inputs)?;
        let places = self.keys.find(input)?;
        let mut shape = input.shape().to_vec();
        shape.push(self.count);
        let size = places.len().checked_mul(self.count).context("it is too large")?;
        let mut values = vec![0_f32; size];
        for (row, place) in values.chunks_exact_mut(self.count).zip(places) {
            match place.and_then(|place| row.get_mut(place)) {
                Some(value) => *value = 1.0,
                None => ensure!(self.zeros, "a category that the model does not know"),
            }
        }
        Ok(vec![floats(&shape, &values)?])
    }
}

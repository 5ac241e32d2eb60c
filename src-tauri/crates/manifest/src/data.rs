//! `data`: where the examples are and what of them the model sees.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::decode::{Bounds, Decoder};
use crate::fields::Fields;
use crate::node::{Node, Place, Value, shorten};

/// Where the examples are and what of them the model sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataSpec {
    /// The examples weights are fitted to. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<Split>,
    /// The examples early stopping and sweeps look at. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Split>,
    /// The examples gates judge on; nothing else looks at them. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Split>,
    /// The column to predict. Needed wherever a model is trained here, else it may be left out and is empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(schema_with = "crate::schema::word")]
    pub target: String,
    /// Named groups of feature columns, put side by side in the order of their names. Left out: every numeric column
    /// but the target and the id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, FeatureSpec>,
}

/// Where the examples of one split come from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Split {
    /// A file or folder of its own.
    File {
        /// Path within the model's folder, with `/`: csv, tsv, parquet, npy, npz, idx, jsonl or a folder.
        path: String,
        /// The column that names each example for good.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(schema_with = "crate::schema::optional_word")]
        id: Option<String>,
    },
    /// A share of another split, taken away from it by chance.
    From {
        /// The split it is taken from.
        split_from: SplitName,
        /// The share taken, above 0 and below 1.
        #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
        ratio: f64,
        /// The seed of the chance.
        #[serde(default)]
        seed: u64,
    },
}

/// The splits by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitName {
    /// What weights are fitted to.
    Train,
    /// What early stopping looks at.
    Validation,
    /// What gates judge on.
    Test,
}

/// A group of feature columns.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpec {
    /// One pattern or a list of them; `*` stands for any characters. Columns keep the order of the file.
    #[schemars(schema_with = "crate::schema::one_or_many")]
    pub columns: Vec<String>,
    /// The shape of one example of this group, e.g. `[1, 8, 8]`: channels, height, width.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shape: Option<Vec<usize>>,
    /// How the numbers are scaled; fitted on train only.
    #[serde(default)]
    pub scale: Scale,
}

/// How numbers are scaled before the model sees them, fitted on train only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Mean 0 and standard deviation 1 in every column.
    #[default]
    Standard,
    /// Smallest to 0 and largest to 1 in every column.
    MinMax,
    /// As they are.
    None,
}

pub(crate) const DATA_KEYS: &[&str] = &["train", "validation", "test", "target", "features"];
pub(crate) const SPLIT_KEYS: &[&str] = &["path", "id", "split_from", "ratio", "seed"];
const FILE_KEYS: &str = "{path, id}";
const FROM_KEYS: &str = "{split_from, ratio, seed}";
pub(crate) const FEATURE_KEYS: &[&str] = &["columns", "shape", "scale"];
const SPLITS: &[(&str, SplitName)] =
    &[("train", SplitName::Train), ("validation", SplitName::Validation), ("test", SplitName::Test)];
const MAX_DIMENSIONS: usize = 4;
const MAX_VALUES: u64 = 1 << 26;

impl SplitName {
    /// The key it is declared under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl DataSpec {
    /// The split of that name, where it is declared.
    pub fn split(&self, name: SplitName) -> Option<&Split> {
        match name {
            SplitName::Train => self.train.as_ref(),
            SplitName::Validation => self.validation.as_ref(),
            SplitName::Test => self.test.as_ref(),
        }
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>, is_trained_here: bool) -> Self {
        if is_trained_here && root.get("data").is_none() {
            root.need(decoder, "data", "a mapping with train, validation, test, target, features");
            return Self::default();
        }
        let Some(fields) = root.inner(decoder, "data", DATA_KEYS) else { return Self::default() };
        let mut split = |name: &str| {
            let node = if is_trained_here {
                fields.need(decoder, name, &format!("{FILE_KEYS} or {FROM_KEYS}"))
            } else {
                fields.get(name)
            };
            node.and_then(|node| Split::decode(decoder, node, fields.key_place(name), &fields.path(name)))
        };
        let (train, validation, test) = (split("train"), split("validation"), split("test"));
        let target = if is_trained_here {
            fields.need_text(decoder, "target", "the column to predict")
        } else {
            fields.text(decoder, "target").unwrap_or_default()
        };
        let features = decode_features(decoder, &fields, &target);
        let data = Self { train, validation, test, target, features };
        data.check_splits(decoder, &fields);
        data
    }

    /// Splits are taken from declared ones, in no circle, leave something over and never show test data to training.
    fn check_splits(&self, decoder: &mut Decoder<'_>, fields: &Fields<'_>) {
        let mut taken = BTreeMap::new();
        for &(name, split) in SPLITS {
            match self.split(split) {
                Some(Split::From { split_from, ratio, .. }) => {
                    let node = fields.key_place(name);
                    self.check_origin(decoder, split, *split_from, fields);
                    let sum: &mut f64 = taken.entry(*split_from).or_default();
                    let before = *sum;
                    *sum += ratio;
                    if before > 0.0 && *sum >= 1.0 {
                        let message = format!("the splits take {sum} of `data.{}`", split_from.as_str());
                        decoder.mistake(node, message, "ratios that leave something over");
                    }
                }
                Some(Split::File { path, id }) => {
                    let earlier = SPLITS.iter().take_while(|(other, _)| *other != name);
                    for (other, other_split) in earlier {
                        if matches!(self.split(*other_split), Some(Split::File { path: same, .. }) if same == path)
                            && !path.is_empty()
                        {
                            let message = format!("`data.{name}` reads the file of `data.{other}`");
                            decoder.mistake(fields.key_place(name), message, "examples of its own");
                        }
                    }
                    if id.as_ref().is_some_and(|id| *id == self.target && !id.is_empty()) {
                        let message = format!("`data.{name}.id` is the target `{}`", shorten(&self.target));
                        decoder.mistake(fields.key_place(name), message, "a column that names each example");
                    }
                }
                None => {}
            }
        }
    }

    /// Whether the origins of `split` lead to itself.
    fn leads_back(&self, split: SplitName) -> bool {
        let mut at = split;
        for _ in SPLITS {
            match self.split(at) {
                Some(Split::From { split_from, .. }) if *split_from != at => at = *split_from,
                _ => return false,
            }
            if at == split {
                return true;
            }
        }
        false
    }

    fn check_origin(
        &self,
        decoder: &mut Decoder<'_>,
        split: SplitName,
        from: SplitName,
        fields: &Fields<'_>,
    ) {
        let place = fields.key_place(split.as_str());
        let is_declared = fields.get(from.as_str()).is_some();
        let (name, origin) = (split.as_str(), from.as_str());
        if split == from {
            decoder.mistake(place, format!("`data.{name}` is split from itself"), "another split");
        } else if self.leads_back(split) {
            let message = format!("`data.{name}` is split from `{origin}`, which comes from `{name}` again");
            decoder.mistake(place, message, "a split with a path of its own");
        } else if !is_declared {
            let message = format!("`data.{name}` is split from `{origin}`, which is not declared");
            decoder.mistake(place, message, "a split with a path of its own");
        }
    }
}

impl Split {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, at: &Place, path: &str) -> Option<Self> {
        let fields = decoder.fields(node, at, path, SPLIT_KEYS)?;
        let expected = format!("{FILE_KEYS} or {FROM_KEYS}");
        match (fields.entry("path"), fields.entry("split_from")) {
            (Some(_), Some(second)) => {
                decoder.mistake(
                    &second.place,
                    format!("`{path}` has both `path` and `split_from`"),
                    expected,
                );
                None
            }
            (None, None) => {
                decoder.mistake(at, format!("`{path}` has neither `path` nor `split_from`"), expected);
                None
            }
            (Some(entry), None) => {
                for key in ["ratio", "seed"] {
                    if let Some(extra) = fields.entry(key) {
                        decoder.mistake(&extra.place, format!("`{key}` goes with `split_from`"), FILE_KEYS);
                    }
                }
                let path = decoder.path(&entry.node, &fields.path("path"));
                Some(Self::File { path, id: fields.text(decoder, "id") })
            }
            (None, Some(entry)) => {
                if let Some(extra) = fields.entry("id") {
                    decoder.mistake(&extra.place, "`id` goes with `path`", FROM_KEYS);
                }
                let split_from = decoder.word(&entry.node, &fields.path("split_from"), SPLITS);
                let ratio = fields
                    .need(decoder, "ratio", "a number above 0 and below 1")
                    .map(|ratio| decoder.number(ratio, &fields.path("ratio"), Bounds::Between0And1));
                let seed = fields.integer(decoder, "seed", &(0..=u64::MAX), 0);
                Some(Self::From { split_from: split_from?, ratio: ratio?, seed })
            }
        }
    }
}

fn decode_features(
    decoder: &mut Decoder<'_>,
    data: &Fields<'_>,
    target: &str,
) -> BTreeMap<String, FeatureSpec> {
    let path = data.path("features");
    let Some(node) = data.get("features") else { return BTreeMap::new() };
    let Value::Map(entries) = &node.value else {
        decoder.wrong(node, &path, "a mapping of names to {columns, shape, scale}");
        return BTreeMap::new();
    };
    if entries.is_empty() {
        decoder.mistake(&node.place, format!("`{path}` is empty"), "at least one, or no such key");
    }
    let mut features = BTreeMap::new();
    for entry in entries {
        let path = format!("{path}.{}", shorten(&entry.key));
        if let Some(feature) = FeatureSpec::decode(decoder, &entry.node, &entry.place, &path, target) {
            features.insert(entry.key.clone(), feature);
        }
    }
    features
}

impl FeatureSpec {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, at: &Place, path: &str, target: &str) -> Option<Self> {
        let fields = decoder.fields(node, at, path, FEATURE_KEYS)?;
        let pattern = "a column, a pattern such as \"p*\", or a list of them";
        let columns = fields
            .need(decoder, "columns", pattern)
            .map(|node| decoder.one_or_many(node, &fields.path("columns")))
            .unwrap_or_default();
        if !target.is_empty() && columns.iter().any(|column| column == target) {
            let message = format!("`{path}` holds the target `{}`", shorten(target));
            decoder.mistake(fields.key_place("columns"), message, "columns that do not give the answer away");
        }
        let shape =
            fields.get("shape").map(|node| decode_shape(decoder, node, &fields.path("shape"), &columns));
        let scale = fields.get("scale").map(|node| {
            let scales = [("standard", Scale::Standard), ("min_max", Scale::MinMax), ("none", Scale::None)];
            decoder.word(node, &fields.path("scale"), &scales)
        });
        Some(Self { columns, shape, scale: scale.flatten().unwrap_or_default() })
    }
}

fn decode_shape(decoder: &mut Decoder<'_>, node: &Node, path: &str, columns: &[String]) -> Vec<usize> {
    let range = 1..=MAX_VALUES;
    let shape: Vec<u64> =
        decoder.list(node, path).iter().map(|item| decoder.integer(item, path, &range)).collect();
    let product = shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
    if shape.is_empty() || shape.len() > MAX_DIMENSIONS || product.is_none_or(|product| product > MAX_VALUES)
    {
        let expected = format!("1 to {MAX_DIMENSIONS} sides with a product of at most {MAX_VALUES}");
        if matches!(node.value, Value::List(_)) {
            decoder.mistake(&node.place, format!("`{path}` cannot be a shape"), expected);
        }
    } else if !columns.iter().any(|column| column.contains('*'))
        && product.is_some_and(|product| product != columns.len() as u64)
        && decoder.is_clean()
    {
        let message = format!("`{path}` does not fit {} columns", columns.len());
        decoder.mistake(&node.place, message, "sides whose product is the number of columns");
    }
    shape.into_iter().filter_map(|side| usize::try_from(side).ok()).collect()
}

//! Examples in memory, ready for training or evaluation.

/// What is to be predicted, one entry an example.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Indices into `names`.
    Classes {
        /// The classes in their fixed order (numeric order where all are numbers, else by bytes).
        names: Vec<String>,
        /// Index of each example's class.
        labels: Vec<u32>,
    },
    /// Numbers.
    Values(Vec<f64>),
}

impl Target {
    /// How many examples.
    pub fn len(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Examples with stable ids: raw features, before any preprocessing is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// A stable id an example, unique in the set.
    pub ids: Vec<String>,
    /// Names of the feature columns, in order.
    pub columns: Vec<String>,
    /// `[examples, columns]` row-major, f32, as read.
    pub features: Vec<f32>,
    /// The declared shape of one example, e.g. `[1, 8, 8]`; its product is `columns.len()`.
    pub shape: Vec<usize>,
    /// What is to be predicted.
    pub target: Target,
}

impl Dataset {
    /// How many examples.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The features of one example.
    pub fn row(&self, index: usize) -> &[f32] {
        let width = self.columns.len();
        &self.features[index * width..(index + 1) * width]
    }

    /// The examples at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let mut features = Vec::with_capacity(indices.len() * self.columns.len());
        for &index in indices {
            features.extend_from_slice(self.row(index));
        }
        let target = match &self.target {
            Target::Classes { names, labels } => {
                Target::Classes { names: names.clone(), labels: indices.iter().map(|&i| labels[i]).collect() }
            }
            Target::Values(values) => Target::Values(indices.iter().map(|&i| values[i]).collect()),
        };
        Self {
            ids: indices.iter().map(|&i| self.ids[i].clone()).collect(),
            columns: self.columns.clone(),
            features,
            shape: self.shape.clone(),
            target,
        }
    }
}

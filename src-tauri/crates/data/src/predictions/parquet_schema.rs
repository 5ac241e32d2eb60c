//! The columns our Parquet files have: `id`, `truth`, then `p_<class>`… or `predicted`, then `weight` and `slice_<name>`….

use std::sync::Arc;

use keelmark_types::TaskKind;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{Type, TypePtr};
use serde::{Deserialize, Serialize};

/// The key of the file's metadata that says what its columns are.
pub(super) const KEY: &str = "keelmark.predictions";
/// What [`Head::schema`] says.
pub(super) const SCHEMA: &str = "keelmark.predictions/1";

/// What the columns are, kept as JSON in the file's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub schema: String,
    pub task: TaskKind,
    #[serde(default)]
    pub classes: Vec<String>,
    #[serde(default)]
    pub weights: bool,
    #[serde(default)]
    pub slices: Vec<String>,
}

/// A column: its name and whether it holds text, else numbers of 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    pub is_text: bool,
}

impl Head {
    /// The columns in the order of the file.
    pub(super) fn columns(&self) -> Vec<Column> {
        let text = |name: String| Column { name, is_text: true };
        let number = |name: String| Column { name, is_text: false };
        let mut columns = vec![text("id".to_owned())];
        match self.task {
            TaskKind::Classification => {
                columns.push(text("truth".to_owned()));
                columns.extend(self.classes.iter().map(|class| number(format!("p_{class}"))));
            }
            TaskKind::Regression => {
                columns.push(number("truth".to_owned()));
                columns.push(number("predicted".to_owned()));
            }
        }
        columns.extend(self.weights.then(|| number("weight".to_owned())));
        columns.extend(self.slices.iter().map(|slice| text(format!("slice_{slice}"))));
        columns
    }
}

/// The columns as Parquet declares them: all required.
pub(super) fn declare(columns: &[Column]) -> parquet::errors::Result<TypePtr> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = if column.is_text {
            (Physical::BYTE_ARRAY, Some(LogicalType::String))
        } else {
            (Physical::DOUBLE, None)
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    });
    let fields = fields.collect::<parquet::errors::Result<Vec<_>>>()?;
    Type::group_type_builder("predictions").with_fields(fields).build().map(Arc::new)
}

//! What a model is asked about.

/// Rows to be answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Features<'a> {
    /// Numbers only.
    Table {
        /// How many values one row has.
        columns: usize,
        /// `[rows, columns]` row-major; what is missing is NaN. Images row by row as `[channels, height, width]`.
        values: &'a [f32],
    },
    /// Columns of numbers and texts, given to the inputs of the same names.
    Columns {
        /// How many values each column has.
        rows: usize,
        /// The columns.
        columns: &'a [Column],
    },
}

impl Features<'_> {
    /// How many rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Table { columns, values } => values.len().checked_div(*columns).unwrap_or(0),
            Self::Columns { rows, .. } => *rows,
        }
    }

    /// How many columns.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Table { columns, .. } => *columns,
            Self::Columns { columns, .. } => columns.len(),
        }
    }
}

/// One column, a value a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name in the data.
    pub name: String,
    /// Its values.
    pub values: ColumnValues,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// Numbers; what is missing is NaN.
    Numbers(Vec<f64>),
    /// Texts; what is missing is empty.
    Texts(Vec<String>),
}

impl ColumnValues {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }
}

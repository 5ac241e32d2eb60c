//! What a model answered: read from CSV, kept as Parquet, told apart by a digest.

mod csv;
mod digest;
mod mapping;
mod parquet_read;
mod parquet_schema;
mod parquet_write;

pub use csv::read_predictions_csv;
pub use digest::predictions_digest;
pub use mapping::ColumnMapping;
pub use parquet_read::predictions_from_parquet;
pub use parquet_write::predictions_to_parquet;

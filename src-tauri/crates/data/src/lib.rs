//! Reads, pins, splits and fingerprints the data a version names.
//!
//! Place in the river: between a version's files and a job's examples. A [`Source`] gives bytes (a version in Git, a
//! folder that nothing leads out of, or either with the pointers of Git LFS and DVC resolved: [`DataSource`]); [`load`] checks them against `model.lock`, reads the tables, takes the splits
//! apart and gives every example its id; predictions made elsewhere come in by [`read_predictions_csv`], our own are
//! kept as Parquet.
//!
//! Never here: a feature scaled or filled in (that is fitted on train, by compute), a metric, a number silently dropped.

mod columns;
mod digest;
mod dvc;
mod error;
mod example_ids;
mod features;
mod files;
mod given;
mod labels;
mod load;
mod mistakes;
mod part;
mod path;
mod pin;
mod pointer;
mod predictions;
mod profile;
mod resolved;
mod rooted;
mod source;
mod split;
mod stores;
mod table;
mod warnings;

pub use digest::METRIC_DEFINITIONS;
pub use dvc::{Change, Freshness, PullError, PullOptions, Pulled, RemoteAccess, StageFreshness, StaleReason};
pub use error::{Error, PointerKind};
pub use given::{CellKind, Choice, GivenColumn, GivenTest, GivenValues, load_given};
pub use load::{Loaded, Splits, load};
pub use pin::{pin, read_pinned};
pub use predictions::{
    ColumnMapping, predictions_digest, predictions_from_parquet, predictions_to_parquet, read_predictions_csv,
};
pub use profile::{LabelProfile, Profile, profile};
pub use resolved::{DataSource, DvcHere, Whereabouts};
pub use rooted::RootedDir;
pub use source::Source;
pub use split::split_indices;
pub use stores::Stores;

/// No data file is larger.
pub const MAX_FILE_BYTES: u64 = 512 << 20;
/// No table has more rows.
pub const MAX_ROWS: u64 = 5_000_000;
/// No table has more columns.
pub const MAX_COLUMNS: usize = 20_000;
/// No table gives more numbers.
pub const MAX_CELLS: u64 = 200_000_000;
/// No data set has more classes.
pub const MAX_CLASSES: usize = 10_000;

//! Predictions read from Parquet that a stranger may have written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use keelmark_types::{Answers, Predictions, TaskKind};
use parquet::basic::{Compression, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::parquet_schema::{Column, Head, KEY, SCHEMA};
use crate::{Error, MAX_FILE_BYTES};

/// No file of predictions has more rows.
const MAX_ROWS: usize = 2_000_000;
/// No file of predictions has more cells.
const MAX_CELLS: usize = 50_000_000;
/// So many rows are read at once.
const BATCH: usize = 8192;

/// Reads predictions that [`predictions_to_parquet`](super::predictions_to_parquet) wrote. Bytes that are damaged or meant
/// to harm are an error.
pub fn predictions_from_parquet(bytes: &[u8]) -> Result<Predictions, Error> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let why = format!("they are larger than {MAX_FILE_BYTES} bytes");
        return Err(Error::Unsupported { what: "predictions".to_owned(), why });
    }
    // The parquet crate checks most of what it reads, but adds offsets of the file unchecked: a hostile one can make it panic.
    catch_unwind(AssertUnwindSafe(|| read(bytes)))
        .unwrap_or_else(|_| Err(damaged("the Parquet reader could make nothing of it")))
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::corrupt("a file of predictions", why)
}

fn read(bytes: &[u8]) -> Result<Predictions, Error> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(damaged)?;
    let head = head(file.metadata())?;
    let columns = head.columns();
    let rows = check_shape(file.metadata(), &columns)?;
    let mut texts: Vec<Vec<String>> = Vec::new();
    let mut numbers: Vec<Vec<f64>> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        if column.is_text {
            let mut values = Vec::new();
            each_batch(&file, place, rows, &mut Sink::Texts(&mut values))?;
            texts.push(values);
        } else {
            let mut values = Vec::new();
            each_batch(&file, place, rows, &mut Sink::Numbers(&mut values))?;
            numbers.push(values);
        }
    }
    assemble(head, rows, texts, numbers)
}

fn head(metadata: &ParquetMetaData) -> Result<Head, Error> {
    let text = metadata
        .file_metadata()
        .key_value_metadata()
        .and_then(|pairs| pairs.iter().find(|pair| pair.key == KEY))
        .and_then(|pair| pair.value.as_deref())
        .ok_or_else(|| damaged(format!("its metadata has no `{KEY}`")))?;
    let head: Head = serde_json::from_str(text).map_err(damaged)?;
    if head.schema != SCHEMA {
        let why = format!("its schema is `{}`, this version reads `{SCHEMA}`", head.schema);
        return Err(Error::Unsupported { what: "a file of predictions".to_owned(), why });
    }
    let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    if !distinct(&head.classes) || !distinct(&head.slices) {
        return Err(damaged("two classes or two slices have the same name"));
    }
    Ok(head)
}

/// Holds the file against what its head declares; gives the number of rows.
fn check_shape(metadata: &ParquetMetaData, columns: &[Column]) -> Result<usize, Error> {
    let schema = metadata.file_metadata().schema_descr();
    let as_declared = schema.num_columns() == columns.len()
        && schema.columns().iter().zip(columns).all(|(found, declared)| {
            let physical = if declared.is_text { Physical::BYTE_ARRAY } else { Physical::DOUBLE };
            let is_flat = found.max_def_level() == 0 && found.max_rep_level() == 0;
            is_flat && found.physical_type() == physical && found.name() == declared.name
        });
    if !as_declared {
        return Err(damaged("its columns are not the ones it declares"));
    }
    let mut rows = 0_usize;
    for group in metadata.row_groups() {
        let of_group = usize::try_from(group.num_rows()).map_err(|_| damaged("a negative number of rows"))?;
        rows = rows.checked_add(of_group).ok_or_else(|| damaged("too many rows"))?;
        if group.num_columns() != columns.len() {
            return Err(damaged("a group of rows lacks columns"));
        }
        if group.columns().iter().any(|column| column.compression() != Compression::UNCOMPRESSED) {
            let why = "it is compressed, which ours never are".to_owned();
            return Err(Error::Unsupported { what: "a file of predictions".to_owned(), why });
        }
    }
    let cells = rows.checked_mul(columns.len());
    if rows > MAX_ROWS || cells.is_none_or(|cells| cells > MAX_CELLS) {
        let why = format!("it has {rows} rows of {} columns", columns.len());
        return Err(Error::Unsupported { what: "a file of predictions".to_owned(), why });
    }
    Ok(rows)
}

enum Sink<'a> {
    Texts(&'a mut Vec<String>),
    Numbers(&'a mut Vec<f64>),
}

fn each_batch(
    file: &SerializedFileReader<Bytes>,
    place: usize,
    rows: usize,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    let mut total = 0_usize;
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).map_err(damaged)?;
        let mut column = group.get_column_reader(place).map_err(damaged)?;
        loop {
            let read = match (&mut column, &mut *sink) {
                (ColumnReader::ByteArrayColumnReader(reader), Sink::Texts(texts)) => {
                    let mut batch = Vec::new();
                    let (read, _, _) = reader.read_records(BATCH, None, None, &mut batch).map_err(damaged)?;
                    for value in &batch {
                        texts.push(value.as_utf8().map_err(damaged)?.to_owned());
                    }
                    read
                }
                (ColumnReader::DoubleColumnReader(reader), Sink::Numbers(numbers)) => {
                    reader.read_records(BATCH, None, None, numbers).map_err(damaged)?.0
                }
                _ => return Err(damaged("a column is not of the kind it declares")),
            };
            total += read;
            if total > rows {
                return Err(damaged("a column has more rows than the file"));
            }
            if read == 0 {
                break;
            }
        }
    }
    let length = match sink {
        Sink::Texts(texts) => texts.len(),
        Sink::Numbers(numbers) => numbers.len(),
    };
    if length == rows { Ok(()) } else { Err(damaged("a column has fewer rows than the file")) }
}

fn assemble(
    head: Head,
    rows: usize,
    texts: Vec<Vec<String>>,
    numbers: Vec<Vec<f64>>,
) -> Result<Predictions, Error> {
    let (mut texts, mut numbers) = (texts.into_iter(), numbers.into_iter());
    let ids = texts.next().unwrap_or_default();
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        return Err(damaged("two examples have the same id"));
    }
    let answers = match head.task {
        TaskKind::Classification => {
            let places: HashMap<&str, u32> = head.classes.iter().map(String::as_str).zip(0..).collect();
            let labels = texts.next().unwrap_or_default();
            let truth = labels.iter().map(|label| places.get(label.as_str()).copied());
            let truth = truth
                .collect::<Option<Vec<u32>>>()
                .ok_or_else(|| damaged("a truth is none of its classes"))?;
            let width = head.classes.len();
            let mut probabilities = vec![0.0; rows * width];
            for (class, column) in numbers.by_ref().take(width).enumerate() {
                for (row, value) in column.into_iter().enumerate() {
                    probabilities[row * width + class] = value;
                }
            }
            Answers::Classification { classes: head.classes, truth, probabilities }
        }
        TaskKind::Regression => Answers::Regression {
            truth: numbers.next().unwrap_or_default(),
            predicted: numbers.next().unwrap_or_default(),
        },
    };
    let weights = if head.weights { numbers.next() } else { None };
    let slices: BTreeMap<String, Vec<String>> = head.slices.into_iter().zip(texts).collect();
    Ok(Predictions { ids, answers, weights, slices })
}

//! Predictions written as Parquet.

use std::io::Write;
use std::sync::Arc;

use keelmark_types::{Answers, Predictions, TaskKind};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnPath;

use super::parquet_schema::{Column, Head, KEY, SCHEMA, declare};
use crate::Error;

/// Writes predictions as Parquet: one row group, not compressed (Git compresses), without statistics that would show
/// single examples; the same predictions give the same bytes. Fails only where the parts of `predictions` do not fit
/// each other.
pub fn predictions_to_parquet(predictions: &Predictions) -> Result<Vec<u8>, Error> {
    let head = head_of(predictions);
    if let Some(misfit) = misfit(predictions) {
        return Err(Error::corrupt("predictions", misfit));
    }
    write(predictions, &head).map_err(|error| Error::corrupt("predictions", error))
}

fn head_of(predictions: &Predictions) -> Head {
    let (task, classes) = match &predictions.answers {
        Answers::Classification { classes, .. } => (TaskKind::Classification, classes.clone()),
        Answers::Regression { .. } => (TaskKind::Regression, Vec::new()),
    };
    Head {
        schema: SCHEMA.to_owned(),
        task,
        classes,
        weights: predictions.weights.is_some(),
        slices: predictions.slices.keys().cloned().collect(),
    }
}

/// What does not fit in predictions: lengths, or a truth that is no class.
pub(super) fn misfit(predictions: &Predictions) -> Option<String> {
    let rows = predictions.len();
    let fits = match &predictions.answers {
        Answers::Classification { classes, truth, probabilities } => {
            if let Some(stranger) = truth.iter().find(|&&class| class as usize >= classes.len()) {
                return Some(format!("class {stranger} is none of the {}", classes.len()));
            }
            truth.len() == rows && Some(probabilities.len()) == rows.checked_mul(classes.len())
        }
        Answers::Regression { truth, predicted } => truth.len() == rows && predicted.len() == rows,
    };
    let weights_fit = predictions.weights.as_ref().is_none_or(|weights| weights.len() == rows);
    let slices_fit = predictions.slices.values().all(|values| values.len() == rows);
    (!(fits && weights_fit && slices_fit)).then(|| format!("not every column has {rows} rows"))
}

fn write(predictions: &Predictions, head: &Head) -> ParquetResult<Vec<u8>> {
    let columns = head.columns();
    let schema = declare(&columns)?;
    let text =
        serde_json::to_string(head).map_err(|error| parquet::errors::ParquetError::External(error.into()))?;
    let mut properties = WriterProperties::builder()
        .set_created_by("keelmark".to_owned())
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_dictionary_enabled(false)
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), text)]));
    for Column { name, .. } in columns.iter().filter(|column| column.is_text && column.name != "id") {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(vec![name.clone()]), true);
    }
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let mut group = file.next_row_group()?;
    texts(&mut group, predictions.ids.iter())?;
    match &predictions.answers {
        Answers::Classification { classes, truth, probabilities } => {
            texts(&mut group, truth.iter().map(|&class| &classes[class as usize]))?;
            for class in 0..classes.len() {
                let column: Vec<f64> =
                    probabilities.iter().skip(class).step_by(classes.len()).copied().collect();
                numbers(&mut group, &column)?;
            }
        }
        Answers::Regression { truth, predicted } => {
            numbers(&mut group, truth)?;
            numbers(&mut group, predicted)?;
        }
    }
    if let Some(weights) = &predictions.weights {
        numbers(&mut group, weights)?;
    }
    for values in predictions.slices.values() {
        texts(&mut group, values.iter())?;
    }
    group.close()?;
    file.into_inner()
}

fn texts<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = &'a String>,
) -> ParquetResult<()> {
    let values: Vec<ByteArray> = values.map(|value| ByteArray::from(value.as_str())).collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        column.close()?;
    }
    Ok(())
}

fn numbers<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[f64],
) -> ParquetResult<()> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<DoubleType>().write_batch(values, None, None)?;
        column.close()?;
    }
    Ok(())
}

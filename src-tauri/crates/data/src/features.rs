//! Which columns of a table are features, and the shape they make.

use keelmark_manifest::{FeatureSpec, Manifest, Split};
use keelmark_types::Location;

use crate::mistakes::{listed, mistake, quoted};
use crate::path::join;
use crate::table::Table;
use crate::{Error, columns};

/// The feature columns by name, in order, and the shape of one example.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub columns: Vec<String>,
    pub shape: Vec<usize>,
}

/// Chooses the features of the table that train is in; every other table then has to have the same columns.
pub(crate) fn choose(table: &Table<'_>, folder: &str, manifest: &Manifest) -> Result<Chosen, Error> {
    let data = &manifest.data;
    if data.features.is_empty() {
        return numeric_columns(table, |name| is_kept_out(manifest, name));
    }
    let chosen = declared(table, folder, manifest)?;
    let only_group = data.features.values().next().filter(|_| data.features.len() == 1);
    let shape = only_group.and_then(|spec| spec.shape.clone()).unwrap_or_else(|| vec![chosen.len()]);
    Ok(Chosen { columns: chosen.into_iter().map(|column| table.header[column].clone()).collect(), shape })
}

/// The columns a model made elsewhere may take, of any kind: the declared features, else all but target and ids.
pub(crate) fn offered(table: &Table<'_>, folder: &str, manifest: &Manifest) -> Result<Vec<String>, Error> {
    let header = &table.header;
    if manifest.data.features.is_empty() {
        return Ok(header.iter().filter(|name| !is_kept_out(manifest, name)).cloned().collect());
    }
    let columns = declared(table, folder, manifest)?;
    Ok(columns.into_iter().filter_map(|column| header.get(column).cloned()).collect())
}

/// Whether a column is the target or an id, and so no feature unless it is named as one.
fn is_kept_out(manifest: &Manifest, name: &str) -> bool {
    let data = &manifest.data;
    let is_id = |split: &Split| matches!(split, Split::File { id: Some(id), .. } if id == name);
    name == data.target || [&data.train, &data.validation, &data.test].into_iter().flatten().any(is_id)
}

fn declared(table: &Table<'_>, folder: &str, manifest: &Manifest) -> Result<Vec<usize>, Error> {
    let data = &manifest.data;
    let declared_in = Location::file(join(folder, keelmark_manifest::FILE_NAME));
    let mut chosen = Vec::new();
    for (group, spec) in &data.features {
        let place = format!("data.features.{group}");
        let mut found = columns::select(&spec.columns, &table.header, &declared_in, &place)?;
        found.retain(|&column| {
            let name = &table.header[column];
            *name != data.target && (spec.columns.contains(name) || !is_kept_out(manifest, name))
        });
        if found.is_empty() {
            let message = format!("no column but target and id fits {place}");
            return Err(mistake(declared_in, message, "at least one feature column").into());
        }
        if let Some(&twice) = found.iter().find(|column| chosen.contains(*column)) {
            let message = format!("{} is in two groups of features", quoted(&table.header[twice]));
            return Err(mistake(declared_in, message, "each column in one group").into());
        }
        check_shape(spec, found.len(), &place, &declared_in)?;
        chosen.extend(found);
    }
    Ok(chosen)
}

fn check_shape(spec: &FeatureSpec, found: usize, place: &str, declared_in: &Location) -> Result<(), Error> {
    let Some(shape) = &spec.shape else { return Ok(()) };
    let product = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    if product == Some(found) {
        return Ok(());
    }
    let message = format!("{place} has {found} columns, which do not fill the shape {shape:?}");
    Err(mistake(declared_in.clone(), message, "a shape whose product is the number of columns").into())
}

/// Every column whose first cell is a number: a later cell that is none is a mistake, not a reason to drop the column.
fn numeric_columns(table: &Table<'_>, is_kept_out: impl Fn(&str) -> bool) -> Result<Chosen, Error> {
    let first = table.first_row();
    let columns: Vec<String> = table
        .header
        .iter()
        .zip(&first)
        .filter(|(name, cell)| !is_kept_out(name) && cell.parse::<f64>().is_ok())
        .map(|(name, _)| name.clone())
        .collect();
    if columns.is_empty() && !first.is_empty() {
        let header = listed(table.header.iter().map(String::as_str));
        let message = "no column but target and id begins with a number, so there are no features";
        return Err(
            mistake(table.location(), message, format!("a numeric column; there are {header}")).into()
        );
    }
    let shape = vec![columns.len()];
    Ok(Chosen { columns, shape })
}

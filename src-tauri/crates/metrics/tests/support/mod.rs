//! Reads the reference fixtures.

use std::path::PathBuf;

use keelmark_types::{Answers, Predictions};
use serde_json::Value;

fn text(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../metrics/tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).expect("the fixture is JSON")
}

/// `[index,]y_true,p0…pK[,weight]` or `[index,]y_true,y_pred[,weight]`; a row of another length is an error.
pub fn read(name: &str) -> Result<Predictions, String> {
    let text = text(name);
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().expect("a header").trim().split(',').collect();
    let at = |wanted: &str| header.iter().position(|column| *column == wanted);
    let classes: Vec<usize> = (0..header.len()).map_while(|class| at(&format!("p{class}"))).collect();
    let (mut ids, mut labels, mut values, mut answers, mut weights) =
        (vec![], vec![], vec![], vec![], vec![]);
    for (row, line) in lines.enumerate() {
        let cells: Vec<&str> = line.trim().split(',').collect();
        if cells.len() != header.len() {
            return Err(format!("row {}: {} columns instead of {}", row + 1, cells.len(), header.len()));
        }
        let number = |column: usize| cells[column].parse::<f64>().expect("a number");
        ids.push(at("index").map_or_else(|| row.to_string(), |column| cells[column].to_owned()));
        let truth = number(at("y_true").expect("a truth"));
        labels.push(truth as u32);
        values.push(truth);
        answers.extend(classes.iter().map(|&column| number(column)));
        answers.extend(at("y_pred").map(number));
        weights.extend(at("weight").map(number));
    }
    Ok(Predictions {
        ids,
        answers: if classes.is_empty() {
            Answers::Regression { truth: values, predicted: answers }
        } else {
            Answers::Classification {
                classes: (0..classes.len()).map(|class| class.to_string()).collect(),
                truth: labels,
                probabilities: answers,
            }
        },
        weights: at("weight").map(|_| weights),
        slices: std::collections::BTreeMap::new(),
    })
}

/// Whether two numbers agree to 1e-9, absolute or relative.
pub fn agree(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

#[track_caller]
pub fn assert_agrees(found: Option<f64>, expected: &Value, what: &str) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) => {
            assert!(agree(found, expected), "{what}: {found} is not the reference {expected}");
        }
        _ => panic!("{what}: {found:?} is not the reference {expected}"),
    }
}

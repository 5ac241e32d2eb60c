//! Prediction files any framework can write.

use keelmark_data::{ColumnMapping, Error, read_predictions_csv};
use keelmark_types::{Answers, Predictions, TaskKind};
use proptest::prelude::*;

fn fixture(name: &str) -> Result<Predictions, Error> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).expect("a fixture");
    read_predictions_csv(name, &bytes, &ColumnMapping::default(), None)
}

fn read(text: &str, columns: &ColumnMapping) -> Result<Predictions, Error> {
    read_predictions_csv("p.csv", text.as_bytes(), columns, None)
}

fn told(result: Result<Predictions, Error>) -> Vec<String> {
    match result {
        Ok(predictions) => panic!("{} rows must not be accepted", predictions.len()),
        Err(error) => error.mistakes().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_wrong_is_told_by_line_and_column() {
    for (name, expected) in [
        ("edge_bad_sum.csv", "edge_bad_sum.csv:2: row 1 has probabilities that sum to 1.7"),
        ("edge_empty.csv", "edge_empty.csv: there are 0 rows"),
        ("edge_inf_prob.csv", "edge_inf_prob.csv:3:7: `p1` in row 2 is not finite: `inf`"),
        ("edge_nan_prob.csv", "edge_nan_prob.csv:3:3: `p0` in row 2 is not finite: `NaN`"),
        ("edge_negative_prob.csv", "edge_negative_prob.csv:2:3: `p0` in row 1 is outside [0, 1]: 1.2"),
        ("edge_ragged.csv", "edge_ragged.csv:2: row 1 has 3 cells (expected 4 cells"),
        ("edge_zero_weight.csv", "edge_zero_weight.csv: the weights of all rows sum to 0"),
    ] {
        let told = told(fixture(name));
        assert!(told[0].starts_with(expected), "{name}: {told:?}");
    }
}

#[test]
fn every_sound_fixture_is_accepted() {
    let folder = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let refused = ["bad_sum", "empty", "inf_prob", "nan_prob", "negative_prob", "ragged", "zero_weight"];
    let mut accepted = 0;
    for entry in std::fs::read_dir(folder).expect("the fixtures") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let is_refused = refused.iter().any(|refused| name == format!("edge_{refused}.csv"));
        if name != "README.md" && !is_refused {
            let predictions = fixture(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
            let is_regression = matches!(predictions.answers, Answers::Regression { .. });
            assert_eq!(is_regression, name.contains("_reg_") || name.contains("ridge"), "the task of {name}");
            accepted += 1;
        }
    }
    assert_eq!(accepted, 17, "a fixture is missing");
}

#[test]
fn ids_classes_and_weights_are_read() {
    let wine = fixture("wine_logreg.csv").expect("sound");
    assert_eq!(wine.ids[..2], ["53", "64"], "the index is the id");
    assert_eq!(wine.weights, None);
    let Answers::Classification { classes, truth, probabilities } = wine.answers else { panic!("classes") };
    assert_eq!(classes, ["0", "1", "2"]);
    assert_eq!(truth[..2], [0, 1]);
    let written = ["0.9990501441380721", "0.0002919929495600464", "0.0006578629123677232"];
    let bits = written.map(|text| text.parse::<f64>().expect("a number").to_bits());
    assert_eq!(probabilities[..3].iter().map(|p| p.to_bits()).collect::<Vec<_>>(), bits, "every bit is kept");
    let marked = fixture("edge_bom_crlf.csv").expect("sound");
    assert_eq!(marked.ids[0], "1", "without an id the row's number is the id");
    assert_eq!(marked.weights.map(|weights| weights.len()), Some(marked.ids.len()));
}

#[test]
fn columns_may_have_other_names() {
    let text = "truth,key,score cat,score dog,w,site\ndog,a,0.25,0.75,2,north\ncat,b,1,0,1,south\n";
    let columns = ColumnMapping {
        id: Some("key".to_owned()),
        truth: Some("truth".to_owned()),
        probabilities: vec!["score *".to_owned()],
        weight: Some("w".to_owned()),
        slices: vec!["site".to_owned()],
    };
    let predictions = read(text, &columns).expect("sound");
    let answers = Answers::Classification {
        classes: vec!["cat".to_owned(), "dog".to_owned()],
        truth: vec![1, 0],
        probabilities: vec![0.25, 0.75, 1.0, 0.0],
    };
    assert_eq!(predictions.answers, answers);
    assert_eq!(predictions.ids, ["a", "b"]);
    assert_eq!(predictions.weights, Some(vec![2.0, 1.0]));
    assert_eq!(predictions.slices["site"], ["north", "south"]);
}

#[test]
fn classes_come_in_their_fixed_order() {
    let Answers::Classification { classes, truth, probabilities } =
        read("y_true,p10,p9\n9,0.25,0.75\n10.0,1,0\n", &ColumnMapping::default()).expect("sound").answers
    else {
        panic!("classes")
    };
    assert_eq!(classes, ["9", "10"], "numbers in the order of numbers, whatever the order of the columns");
    assert_eq!(probabilities, [0.75, 0.25, 0.0, 1.0]);
    assert_eq!(truth, [0, 1], "10.0 is the class 10");
}

#[test]
fn mistakes_of_columns_ids_and_classes_are_told() {
    let usual = ColumnMapping::default();
    for (text, expected) in [
        ("", "p.csv: the file is empty"),
        ("index,p0,p1\n1,0,1\n", "p.csv:1: there is no column `y_true`"),
        ("y_true,a\n1,0\n", "p.csv:1: there is no column of predicted values or probabilities"),
        ("y_true,p1\n1,0\n", "p.csv:1: there are 1 columns of probabilities"),
        ("y_true,p0,p_0\n0,0,1\n", "p.csv:1: two columns of probabilities are for the class `0`"),
        (
            "y_true,p0,p1\n2,0,1\n",
            "p.csv:2:1: `y_true` in row 1 is a class without a column of probabilities: `2`",
        ),
        ("id,y_true,p0,p1\na,0,0,1\na,0,0,1\n", "p.csv:3:1: `id` in row 2 is the same as in line 2: `a`"),
        ("id,y_true,p0,p1\n,0,0,1\n", "p.csv:2:1: `id` in row 1 is empty"),
        ("y_true,y_pred\n1,x\n", "p.csv:2:3: `y_pred` in row 1 is not a number: `x`"),
        ("y_true,y_pred,weight\n1,2,-1\n", "p.csv:2:5: `weight` in row 1 is negative"),
    ] {
        let told = told(read(text, &usual));
        assert!(told[0].starts_with(expected), "{text:?}: {told:?}");
    }
}

#[test]
fn a_declared_task_decides() {
    let text = "y_true,y_pred,p0,p1\n1,0.5,0.25,0.75\n";
    let regression =
        read_predictions_csv("p.csv", text.as_bytes(), &ColumnMapping::default(), Some(TaskKind::Regression));
    assert!(matches!(regression.expect("sound").answers, Answers::Regression { .. }));
    let unsaid = read(text, &ColumnMapping::default()).expect("sound");
    assert!(matches!(unsaid.answers, Answers::Classification { .. }), "probabilities say more than a value");
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _unread = read_predictions_csv("p.csv", &bytes, &ColumnMapping::default(), None).is_ok();
    }

    #[test]
    fn any_table_is_answered(text in "(index,)?y_true,p0,p1(,weight)?\n([\"0-9a-z.,\r\n\t é-]|0.5|nan|inf){0,200}") {
        let _unread = read_predictions_csv("p.csv", text.as_bytes(), &ColumnMapping::default(), None).is_ok();
    }
}

//! The test set as it is filed, for models that bring their own preprocessing.

use std::collections::BTreeMap;

use keelmark_data::{CellKind, Error, GivenTest, GivenValues, Source, Splits, load, load_given};
use keelmark_manifest::{Manifest, parse};
use keelmark_types::Target;
use proptest::prelude::*;

struct Files(BTreeMap<&'static str, Vec<u8>>);

impl Source for Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.get(path).cloned())
    }

    fn is_versioned(&self, _path: &str) -> bool {
        true
    }
}

fn files<T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (&'static str, T)>) -> Files {
    Files(files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect())
}

fn manifest(data: &str) -> Manifest {
    let text =
        format!("keelmark: 1\nname: m\ntask: classification\ndata: {data}\nmodel: {{artifact: m.onnx}}\n");
    parse("model.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn numbers(offered: &[String]) -> Vec<(String, CellKind)> {
    offered.iter().map(|name| (name.clone(), CellKind::Number)).collect()
}

fn given(files: &Files, manifest: &Manifest, classes: Option<&[String]>) -> Result<GivenTest, Error> {
    load_given(files, "", manifest, None, classes, &numbers)
}

fn told(result: Result<GivenTest, Error>) -> String {
    let error = result.expect_err("it must not be accepted");
    error.mistakes().first().map_or_else(|| error.to_string(), ToString::to_string)
}

const CHURN: &str = "id,age,plan,churn\na,1.5,pro,yes\nb,,basic,no\nc,3,,yes\n";

#[test]
fn numbers_and_texts_are_read_as_the_model_wants_them() {
    let files = files([("test.csv", CHURN)]);
    let manifest = manifest("{test: {path: test.csv, id: id}, target: churn}");
    let choose = |offered: &[String]| {
        assert_eq!(offered, ["age", "plan"], "all but target and id, in the order of the file");
        vec![("plan".to_owned(), CellKind::Text), ("age".to_owned(), CellKind::Number)]
    };
    let given = load_given(&files, "", &manifest, None, None, &choose).expect("a sound file");
    assert_eq!(given.ids, ["a", "b", "c"]);
    let GivenValues::Texts(plans) = &given.columns[0].values else { panic!("texts were wanted") };
    assert_eq!(plans, &["pro", "basic", ""], "a missing text is empty");
    let GivenValues::Numbers(ages) = &given.columns[1].values else { panic!("numbers were wanted") };
    assert!(ages[1].is_nan() && (ages[0], ages[2]) == (1.5, 3.0), "a missing number is NaN: {ages:?}");
    let Target::Classes { names, labels } = &given.target else { panic!("classes") };
    assert_eq!(
        (names.as_slice(), labels.as_slice()),
        (&["no".to_owned(), "yes".to_owned()][..], &[1, 0, 1][..])
    );
    assert_eq!(given.first(2).ids, ["a", "b"]);
}

#[test]
fn a_text_where_the_model_takes_numbers_is_a_mistake_and_not_encoded() {
    let files = files([("test.csv", CHURN)]);
    let told = told(given(&files, &manifest("{test: {path: test.csv, id: id}, target: churn}"), None));
    assert!(told.starts_with("test.csv:2:7: `plan` in row 1 is not a number: `pro`"), "{told}");
    assert!(told.contains("not guessed"), "{told}");
}

#[test]
fn the_examples_are_those_that_training_sees() {
    let rows: Vec<String> = (0..40).map(|row| format!("{row},{}.5,{}", row * 3 % 7, row % 3)).collect();
    let table = format!("a,b,y\n{}\n", rows.join("\n"));
    let splits = "{train: {path: t.csv}, validation: {split_from: train, ratio: 0.2, seed: 1}, \
                   test: {split_from: train, ratio: 0.25, seed: 2}, target: y}";
    let (files, manifest) = (files([("t.csv", table)]), manifest(splits));
    let ours = load(&files, "", &manifest, None, Splits::Test).expect("loaded");
    let given = given(&files, &manifest, None).expect("loaded");
    assert_eq!(given.test_digest, ours.test_digest, "so that both are comparable");
    assert_eq!(given.ids, ours.test.ids, "the same examples, by the digest of the same features");
    assert_eq!(given.target, ours.test.target);
    assert_eq!(given.pins, ours.pins);
}

#[test]
fn the_classes_are_the_models_in_its_order() {
    let files = files([("test.csv", "a,y\n1,2.0\n2,10\n"), ("train.csv", "a,y\n1,2\n1,5\n1,10\n")]);
    let manifest = manifest("{train: {path: train.csv}, test: {path: test.csv}, target: y}");
    let classes = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let known = classes(&["10", "2", "1"]);
    let labels = |given: GivenTest| match given.target {
        Target::Classes { names, labels } => (names, labels),
        Target::Values(_) => panic!("classes"),
    };
    let own = given(&files, &manifest, Some(&known)).expect("loaded");
    assert_eq!(own.pins.len(), 1, "train is not needed");
    assert_eq!(labels(own), (known, vec![1, 0]), "2.0 is written for 2 where values were missing");
    let of_train = given(&files, &manifest, None).expect("loaded");
    assert_eq!(labels(of_train).0, ["2", "5", "10"], "else those of train");
    let told = told(given(&files, &manifest, Some(&classes(&["0", "2"]))));
    assert!(
        told.contains("test.csv:3:3: `y` in row 2 is a class that the model does not know: `10`"),
        "{told}"
    );
}

proptest! {
    #[test]
    fn any_file_is_answered(bytes in "(id,a,y\n)?([a-c]?,[-0-9.e]{0,4},[xy]?\n){0,6}[\\PC\n]{0,20}") {
        let files = files([("test.csv", bytes)]);
        if let Ok(test) = given(&files, &manifest("{test: {path: test.csv}, target: y}"), None) {
            prop_assert!(!test.ids.is_empty());
        }
    }
}

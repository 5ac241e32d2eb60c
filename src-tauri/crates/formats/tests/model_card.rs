//! Model cards and files of results, whole and broken.

use keelmark_formats::model_card::{ModelCard, read_eval_results};
use proptest::prelude::*;

const CARD: &str = "---
license: apache-2.0
language: [en, no]
tags:
- vision
base_model: org/base
model-index:
- name: net
  results:
  - task: {type: image-classification}
    dataset: {type: mnist, name: MNIST, split: test}
    metrics:
    - type: accuracy
      value: 0.97
    - type: f1
      value: 85.3%
    - type: loss
---
# Net
";

#[test]
fn a_card_is_read_with_the_results_it_claims() {
    let card = ModelCard::read(CARD.as_bytes()).expect("a card").expect("front matter");
    assert_eq!((card.license.as_deref(), card.body_line), (Some("apache-2.0"), 19));
    assert_eq!(
        (card.languages, card.base_models),
        (vec!["en".to_owned(), "no".into()], vec!["org/base".into()])
    );
    let first = &card.assertions[0];
    assert_eq!((first.metric.as_deref(), first.number(), first.line), (Some("accuracy"), Some(0.97), 13));
    assert_eq!((first.model.as_deref(), first.split.as_deref()), (Some("net"), Some("test")));
    assert_eq!(card.assertions[1].number(), None, "nobody says what of");
    let told: Vec<String> = card.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 17: a metric has no `type` or no `value`"]);
}

#[test]
fn what_is_no_card_is_none_and_what_is_broken_has_its_line() {
    assert_eq!(ModelCard::read(b"# Net\n"), Ok(None));
    assert_eq!(ModelCard::read(b"---\na: 1\n").expect_err("it does not end").line, Some(1));
    assert_eq!(
        ModelCard::read(b"---\nlicense: mit\na: [1\n---\n").expect_err("no YAML").line.map(|l| l > 1),
        Some(true)
    );
}

#[test]
fn files_of_results_are_read() {
    let text = "- dataset: {id: org/set, task_id: qa}\n  value: 12.5\n  date: 2026-01-02\n- value: 1\n";
    let (found, problems) = read_eval_results(text.as_bytes()).expect("results");
    assert_eq!(
        (found.len(), found[0].number(), found[0].dataset.as_deref()),
        (1, Some(12.5), Some("org/set"))
    );
    assert_eq!(problems[0].line, Some(4));
    assert!(read_eval_results(b"a: 1\n").is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(text in "[\\[\\]{}:\\-a-c \\n']{0,100}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        ModelCard::read(format!("---\n{text}\n---\n").as_bytes()).ok();
        ModelCard::read(&[b"---\n", &bytes[..]].concat()).ok();
        read_eval_results(text.as_bytes()).ok();
    }
}

//! A table of manifests with one slip each: the place is marked with `§`, the words are what a person has to read.

use keelmark_manifest::{MAX_FILE_BYTES, parse};

const EXAMPLE: &str = include_str!("fixtures/digits.yaml");

/// Edits of the example (`from` to `to`, with one `§` where the mistake is to be reported), and a part of its text.
type Slip = (&'static [(&'static str, &'static str)], &'static str);

const SLIPS: &[Slip] = &[
    // The whole file.
    (&[("keelmark: 1", "keelmark: §2")], "written by a newer Keelmark (format 2)"),
    (&[("keelmark: 1", "keelmark: §one")], "`keelmark` is the text `one` (expected the format version, 1)"),
    (&[("keelmark: 1 ", "keelmark: §0 ")], "`keelmark` is 0"),
    (
        &[("keelmark: 1                       # format version\n", "§")],
        "`keelmark` is missing (expected keelmark: 1)",
    ),
    (&[("keelmark", "§keelmark"), ("name: digits\n", "")], "`name` is missing (expected the model's name)"),
    (&[("name: digits", "§nmae: digits")], "unknown key `nmae`; did you mean `name`?"),
    (&[("name: digits", "name: §\"digits/v2\"")], "`digits/v2` is not a model name"),
    (&[("name: digits", "name: §[digits]")], "`name` is a list (expected a text)"),
    (&[("name: digits", "name: digits\n§name: other")], "the key `name` is given twice"),
    (&[("name: digits", "name: §true")], "`name` is true (expected a text; put it in quotes)"),
    (
        &[("task: classification", "task: §clasification")],
        "did you mean `classification`? (expected one of classification, regression)",
    ),
    (&[("gates:", "owner: x§: y\ngates:")], "mapping values are not allowed"),
    (
        &[("gates:", "§owner: me\ngates:")],
        "unknown key `owner` (expected one of keelmark, name, task, data, model, train",
    ),
    // Data.
    (
        &[("data:", "§data:"), ("  test:       {path: data/test.csv, id: row_id}\n", "")],
        "`test` is missing in `data` (expected {path, id} or {split_from, ratio, seed})",
    ),
    (
        &[("data:", "§data:"), ("  target: label\n", "")],
        "`target` is missing in `data` (expected the column to predict)",
    ),
    (
        &[("ratio: 0.15", "ratio: §1.5")],
        "`data.validation.ratio` is 1.5 (expected a number above 0 and below 1)",
    ),
    (&[("ratio: 0.15", "ratio: §0")], "`data.validation.ratio` is 0 (expected a number above 0 and below 1)"),
    (&[("ratio: 0.15", "ratio: §.nan")], "`data.validation.ratio` is NaN"),
    (
        &[("validation: {", "§validation: {"), ("ratio: 0.15, ", "")],
        "`ratio` is missing in `data.validation`",
    ),
    (
        &[("validation: {split_from: train", "§validation: {split_from: validation")],
        "`data.validation` is split from itself",
    ),
    (
        &[("split_from: train", "split_from: §trian")],
        "did you mean `train`? (expected one of train, validation, test)",
    ),
    (
        &[("split_from: train, ratio", "path: v.csv, §split_from: train, ratio")],
        "`data.validation` has both `path` and `split_from`",
    ),
    (
        &[("test:       {path: data/test.csv, id: row_id}", "§test: {}")],
        "`data.test` has neither `path` nor `split_from`",
    ),
    (
        &[("test:       {path: data/test.csv", "§test:       {path: data/train.csv")],
        "`data.test` reads the file of `data.train`",
    ),
    (
        &[("path: data/test.csv", "path: §../test.csv")],
        "`data.test.path` is `../test.csv` (expected a path within the model's folder",
    ),
    (&[("path: data/test.csv", "path: §/etc/passwd")], "a path within the model's folder"),
    (
        &[("test:       {path: data/test.csv, id: row_id}", "§test:       {path: data/test.csv, id: label}")],
        "`data.test.id` is the target `label`",
    ),
    (&[("seed: 1}", "seed: §-1}")], "`data.validation.seed` is -1 (expected a whole number from 0)"),
    (&[("columns: \"p*\"", "§columns: [\"p*\", label]")], "`data.features.pixels` holds the target `label`"),
    (
        &[("columns: \"p*\", shape: [1, 8, 8]", "columns: [a, b, c], shape: §[1, 8, 8]")],
        "does not fit 3 columns",
    ),
    (
        &[("shape: [1, 8, 8]", "shape: [1, §0, 8]")],
        "`data.features.pixels.shape` is 0 (expected a whole number from 1",
    ),
    (
        &[("shape: [1, 8, 8]", "shape: [1, 8, 8], scale: §minmax")],
        "did you mean `min_max`? (expected one of standard, min_max, none)",
    ),
    (
        &[("shape: [1, 8, 8]", "§shpae: [1, 8, 8]")],
        "did you mean `shape`? (expected one of columns, shape, scale)",
    ),
    // Model.
    (
        &[("- relu", "- §gelu")],
        "unknown layer `gelu`; did you mean `relu`? (expected one of linear, conv2d, max_pool2d",
    ),
    (
        &[("- linear: {units: 64}", "- §conv3d: {units: 64}")],
        "unknown layer `conv3d`; did you mean `conv2d`?",
    ),
    (
        &[("{units: 64}", "{§unit: 64, units: 64}")],
        "unknown key `unit` in `model.layers.4.linear`; did you mean `units`? (expected units)",
    ),
    (&[("- linear: {units: 64}", "- §linear: {}")], "`units` is missing in `model.layers.4.linear`"),
    (
        &[("{units: 64}", "{units: §\"64\"}")],
        "`model.layers.4.linear.units` is the text `64` (expected a whole number from 1 to 65536)",
    ),
    (&[("{units: 64}", "{units: §64.5}")], "is 64.5 (expected a whole number"),
    (
        &[("dropout: 0.1", "dropout: §1")],
        "`model.layers.5.dropout` is 1 (expected a number from 0 and below 1)",
    ),
    (
        &[("- conv2d", "- §conv2d"), (", shape: [1, 8, 8]", "")],
        "`conv2d` needs images, and what reaches it is a row of numbers",
    ),
    (
        &[("- conv2d", "- §conv2d"), ("  features: {pixels: {columns: \"p*\", shape: [1, 8, 8]}}\n", "")],
        "one feature with a shape of [channels, height, width]",
    ),
    (
        &[("kernel: 3, padding: 1", "kernel: 11, padding: 1"), ("- conv2d", "- §conv2d")],
        "the kernel of `conv2d` is 11, larger than the 8 × 8 image",
    ),
    (&[("- relu", "- flatten"), ("- max_pool2d", "- §max_pool2d")], "`max_pool2d` needs images"),
    (
        &[("  layers:", "  preset: linear\n  §layers:")],
        "`layers` is a second key in `model` (expected exactly one key: one of layers, preset, artifact)",
    ),
    (
        &[("    - dropout: 0.1\n", "    - dropout: 0.1\n  §activation: relu\n")],
        "`activation` is a second key in `model`",
    ),
    (
        &[("kernel: 3, padding: 1", "kernel: 10, padding: 1"), ("- max_pool2d", "- §max_pool2d")],
        "is 2, larger than the 1 × 1 image",
    ),
    // Training.
    (
        &[("epochs: 20", "§epoch: 20")],
        "unknown key `epoch` in `train`; did you mean `epochs`? (expected one of epochs, batch_size",
    ),
    (&[("epochs: 20", "epochs: §0")], "`train.epochs` is 0 (expected a whole number from 1 to 100000)"),
    (&[("epochs: 20", "epochs: §twenty")], "`train.epochs` is the text `twenty`"),
    (
        &[("epochs: 20", "epochs: 20, §epochs: 30")],
        "the key `epochs` is given twice (expected each key once)",
    ),
    (
        &[("{adamw: {lr: 0.001}}", "{§adam: {lr: 0.001}}")],
        "unknown optimizer `adam`; did you mean `adamw`? (expected one of adamw, sgd)",
    ),
    (
        &[("lr: 0.001", "§momentum: 0.9")],
        "unknown key `momentum` in `train.optimizer.adamw` (expected one of lr, weight_decay",
    ),
    (&[("lr: 0.001", "lr: §0")], "`train.optimizer.adamw.lr` is 0 (expected a number above 0)"),
    (&[("lr: 0.001", "lr: §1e999")], "(expected a number above 0)"),
    (&[("warmup: 50", "warmup: §1.5")], "`train.schedule.cosine.warmup` is 1.5"),
    (
        &[("seed: 7", "seed: 7, early_stopping: {patience: 3, metric: §rmse}")],
        "`rmse` is a metric of regression",
    ),
    (
        &[("seed: 7", "seed: 7, §early_stopping: {metric: loss}")],
        "`patience` is missing in `train.early_stopping`",
    ),
    // Evaluation.
    (
        &[("metrics: [accuracy", "metrics: [§acuracy")],
        "unknown metric `acuracy`; did you mean `accuracy`? (expected one of accuracy, balanced_accuracy",
    ),
    (&[("ece15]", "ece15, §accuracy]")], "`accuracy` is named twice"),
    (&[("{class: true}", "{class: §false}")], "`evaluate.slices.0.class` is not true"),
    (&[("{bins: ink, count: 4}", "§{count: 4}")], "`evaluate.slices.1` does not say one way to divide"),
    (&[("count: 4", "count: §1")], "(expected a whole number from 2 to 100)"),
    (&[("  slices:", "  §predictions: {id: row}\n  slices:")], "`path` is missing in `evaluate.predictions`"),
    // Gates.
    (
        &[("metric: accuracy, at_least", "metric: §acuracy, at_least")],
        "unknown metric `acuracy`; did you mean `accuracy`?",
    ),
    (&[("metric: accuracy, at_least", "metric: §mae, at_least")], "`mae` is a metric of regression"),
    (
        &[("metric: accuracy, at_least", "metric: §f1, at_least")],
        "`f1` is measured of single classes only (expected `class` or `each_class` beside it, or `f1_macro`)",
    ),
    (
        &[("metric: accuracy, at_least", "metric: §accuracy, class: \"3\", at_least")],
        "`accuracy` is not measured of single classes, as `class` asks (expected one of precision, recall",
    ),
    (
        &[("metric: accuracy, at_least", "metric: recall, class: \"3\", §each_class: true, at_least")],
        "`class` names one class and `each_class` asks for all",
    ),
    (&[("at_least: 0.95", "at_least: §95")], "`gates.0.at_least` is 95 (expected a number from 0 to 1)"),
    (
        &[("at_least: 0.95", "at_least: 0.95, §at_most: 0.99")],
        "`at_most` is a second condition beside `at_least`",
    ),
    (
        &[("{metric: accuracy, at_least: 0.95}", "§{metric: accuracy}")],
        "`gates.0` has no condition (expected exactly one of at_least, at_most, max_worsening, size_mib)",
    ),
    (&[("at_least: 0.95", "at_least: 0.95, §confidence: 0.9")], "`confidence` does not go with `at_least`"),
    (&[("max_worsening: 0.03", "max_worsening: §-0.03")], "(expected a number from 0)"),
    (&[("confidence: 0.95", "confidence: §95")], "`gates.1.confidence` is 95"),
    (&[("size_mib: 20", "§metric: accuracy, size_mib: 20")], "`metric` does not go with `size_mib`"),
    (&[("size_mib: 20", "size_mib: §-1")], "(expected a number above 0)"),
    (
        &[("  - {size_mib: 20}", "  - {size_mib: 20}\n  - §{size_mib: 20}")],
        "the gate `size at most 20 MiB` is declared twice",
    ),
    // Environments.
    (
        &[("after: staging", "after: §stagin")],
        "unknown environment `stagin`; did you mean `staging`? (expected one of staging, production)",
    ),
    (&[("after: staging", "after: §production")], "`after` leads in a circle: production → production"),
    (
        &[("{auto_promote: true}", "{after: §production}")],
        "`after` leads in a circle: staging → production → staging",
    ),
    (
        &[("auto_promote: true", "auto_promote: §yes")],
        "`environments.staging.auto_promote` is the text `yes` (expected true or false)",
    ),
    (
        &[("requires: [signature,", "requires: [§signatures,")],
        "did you mean `signature`? (expected one of signature, second_approval)",
    ),
    (&[("second_approval]", "second_approval, §signature]")], "names the text `signature` twice"),
    (
        &[("  staging:", "  §\"my staging\":"), ("after: staging, ", "")],
        "`my staging` is not an environment name",
    ),
    // YAML itself.
    (
        &[("name: digits", "name: &n digits"), ("epochs: 20", "epochs: §*n")],
        "`train.epochs` is the text `digits`",
    ),
    (&[("name: digits", "name: digits\n§<<: {task: regression}")], "`<<` does not merge in YAML 1.2"),
    (&[("epochs: 20", "epochs: §*twenty")], "an alias (`*name`) without its anchor"),
    (&[("epochs: 20", "epochs: !python/object §20")], "unsupported tag"),
    (&[("gates:", "---\n§gates:")], "a second document begins here"),
    (&[("gates:", "# é ä 漢\nüñ: 1\ngates:"), ("üñ", "§üñ")], "unknown key `üñ`"),
];

fn slip(edits: &[(&str, &str)]) -> (String, u64, u64) {
    let mut text = EXAMPLE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from:?} has to stand in the example");
        text = text.replacen(from, to, 1);
    }
    let (before, after) = text.split_once('§').expect("the place is marked");
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    (format!("{before}{after}"), line, column)
}

#[test]
fn every_slip_is_found_at_its_place_and_explained() {
    assert!(SLIPS.len() >= 40, "the table covers every rule");
    let mut wrong = Vec::new();
    for (edits, fragment) in SLIPS {
        let (text, line, column) = slip(edits);
        let prefix = format!("models/digits/model.yaml:{line}:{column}: ");
        let windows = parse("models/digits/model.yaml", &text.replace('\n', "\r\n"));
        if windows != parse("models/digits/model.yaml", &text) {
            wrong.push(format!("{edits:?} reads differently with the line ends of Windows: {windows:?}"));
        }
        match parse("models/digits/model.yaml", &text) {
            Ok(_) => wrong.push(format!("{edits:?} is accepted")),
            Err(mistakes) => {
                let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                if !matches!(texts.as_slice(), [only] if only.starts_with(&prefix) && only.contains(fragment))
                {
                    wrong.push(format!("{edits:?}\n  wants only {prefix}…{fragment}\n  has {texts:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} slips:\n{}", wrong.len(), SLIPS.len(), wrong.join("\n"));
}

#[test]
fn all_mistakes_come_at_once_in_the_order_of_the_file() {
    let text = EXAMPLE
        .replace("name: digits", "name: \"?\"")
        .replace("ratio: 0.15", "ratio: 2")
        .replace("- relu", "- rellu")
        .replace("epochs: 20", "epochs: -3, warmup: 1")
        .replace("metric: accuracy, max", "metric: nonsense, max")
        .replace("after: staging", "after: nowhere");
    let mistakes = parse("model.yaml", &text).expect_err("seven slips");
    let lines: Vec<_> = mistakes.iter().map(|mistake| mistake.location.line.expect("a line")).collect();
    assert_eq!(lines, [2, 6, 13, 18, 18, 24, 28], "{mistakes:#?}");
}

#[test]
fn splits_in_a_circle_are_seen_at_each_of_them() {
    let circle = "{split_from: train, ratio: 0.1}";
    let text = EXAMPLE
        .replace("train:      {path: data/train.csv}", &format!("train: {}", circle.replace("train", "test")))
        .replace("{path: data/test.csv, id: row_id}", &circle.replace("train", "validation"));
    let mistakes = parse("model.yaml", &text).expect_err("no split has examples of its own");
    let lines: Vec<_> = mistakes.iter().filter_map(|mistake| mistake.location.line).collect();
    assert_eq!(lines, [5, 6, 7], "{mistakes:#?}");
    let chain = EXAMPLE.replace("{path: data/test.csv, id: row_id}", &circle.replace("train", "validation"));
    parse("model.yaml", &chain).expect("test from validation from train is no circle");
}

#[test]
fn a_regression_has_no_classes() {
    let text = "keelmark: 1\nname: house\ntask: regression\ndata:\n  train: {path: a.csv}\n  validation: {split_from: train, ratio: 0.2}\n  test: {path: b.csv}\n  target: price\nmodel: {preset: {mlp: {hidden: [8]}}}\n";
    parse("model.yaml", text).expect("sound without the rest");
    for (more, fragment) in [
        ("evaluate: {slices: [{class: true}]}\n", "no classes"),
        ("gates: [{metric: recall, class: a, at_least: 0.5}]\n", "no classes"),
        ("gates: [{metric: accuracy, at_least: 0.5}]\n", "metric of classification"),
        ("train: {label_smoothing: 0.1}\n", "regression has none"),
    ] {
        let mistakes = parse("model.yaml", &format!("{text}{more}")).expect_err(more);
        assert!(
            mistakes.iter().any(|mistake| mistake.to_string().contains(fragment)),
            "{more}: {mistakes:?}"
        );
    }
    parse("model.yaml", &format!("{text}gates: [{{metric: rmse, at_most: 12.5}}]\n"))
        .expect("a gate of regression");
}

#[test]
fn a_model_trained_elsewhere_needs_no_data() {
    let text = "keelmark: 1\nname: churn\ntask: classification\nmodel: {artifact: models/churn.onnx}\nevaluate: {predictions: {path: p.csv, id: index}}\n";
    let manifest = parse("model.yaml", text).expect("sound");
    let predictions = manifest.evaluate.predictions.expect("declared");
    assert_eq!((predictions.truth.as_str(), predictions.id.as_deref()), ("y_true", Some("index")));
    assert!(!manifest.model.is_trained_here());
}

#[test]
fn documents_beyond_the_budget_are_refused() {
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let block: String = (0..60).flat_map(|depth| [" ".repeat(depth), "a:\n".to_owned()]).collect();
    let wide = format!("a: [{}]", "1,".repeat(150_000));
    let mut bomb = String::from("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.extend([format!("a{level}: &a{level} [{aliases}]\n")]);
    }
    for text in [deep, block, wide, bomb] {
        let mistakes = parse("model.yaml", &text).expect_err("over budget");
        let said = mistakes[0].to_string();
        assert!(said.contains("too large or too deep"), "{said}");
    }
    let large = format!("# {}\nkeelmark: 1\n", "x".repeat(MAX_FILE_BYTES));
    let said = parse("model.yaml", &large).expect_err("over a mebibyte")[0].to_string();
    assert!(said.contains("expected at most 1048576 bytes"), "{said}");
}

#[test]
fn an_empty_file_says_what_is_wanted() {
    for text in ["", "# nothing yet\n", "~\n", "---\n...\n"] {
        let mistakes = parse("model.yaml", text).expect_err("nothing");
        assert!(mistakes[0].message.contains("declares nothing"), "{text:?}: {mistakes:?}");
        assert!(mistakes[0].location.line.is_some(), "{text:?} has a line");
    }
}

//! What is drawn is what is there: SVG read back, for good data and for all other data.

#[expect(dead_code, reason = "each test uses a part")]
mod support;

use keelmark_charts::{
    AxisScale, Baseline, Chart, ChartSeries, ConfusionChart, DeltaForest, Error, ForestRow, LineChart,
    ScaleKind, Sidecar, Size, Theme,
};
use keelmark_types::{Confusion, Direction};
use proptest::prelude::*;
use roxmltree::{Document, Node};

fn points(node: Node<'_, '_>) -> Vec<[f64; 2]> {
    let pair =
        |text: &str| text.split_once(',').map(|(x, y)| [x, y].map(|text| text.parse().expect("a number")));
    node.attribute("points").unwrap_or("").split(' ').filter_map(pair).collect()
}

fn lines<'a>(document: &'a Document<'a>, id: &str, class: &str) -> Vec<Vec<[f64; 2]>> {
    let group = document
        .descendants()
        .find(|node| node.attribute("data-series") == Some(id))
        .expect("the series' group");
    let of_class = |node: &Node<'_, '_>| {
        node.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class))
    };
    group.descendants().filter(of_class).map(points).collect()
}

/// From pixels back to data by the sidecar, as the window does.
fn value(sidecar: &Sidecar, [x, y]: [f64; 2]) -> [f64; 2] {
    let back = |share: f64, [low, high]: [f64; 2], kind: ScaleKind| match kind {
        ScaleKind::Log => (low.ln() + share * (high.ln() - low.ln())).exp(),
        _ => low + share * (high - low),
    };
    let rect = sidecar.plot_rect;
    [
        back((x - rect.x) / rect.width, sidecar.x_domain, sidecar.x_scale),
        back(1.0 - (y - rect.y) / rect.height, sidecar.y_domain, sidecar.y_scale),
    ]
}

fn chart(x: Vec<f64>, y: Vec<f64>) -> LineChart {
    LineChart {
        title: "t".into(),
        y_label: "loss".into(),
        series: vec![ChartSeries::new("a", "a", 0, x, y)],
        ..LineChart::default()
    }
}

#[test]
fn drawn_points_read_back_to_the_data_within_a_pixel() {
    for (x_scale, y_scale) in [(AxisScale::Linear, AxisScale::Linear), (AxisScale::Log, AxisScale::Log)] {
        let x: Vec<f64> = (1..=60).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|step| 2.3 / step.sqrt() + 0.01).collect();
        let chart = LineChart { x_scale, y_scale, ..chart(x.clone(), y.clone()) };
        let picture = chart.picture().unwrap();
        let (svg, sidecar) = (picture.svg(Theme::Auto), picture.sidecar());
        let document = Document::parse(&svg).unwrap();
        let line = lines(&document, "a", "k-line").concat();
        assert_eq!(line.len(), 60, "few points are all drawn");
        for (place, (x, y)) in line.iter().zip(x.iter().zip(&y)) {
            let [x_back, y_back] = value(sidecar, *place);
            let [x_next, y_next] = value(sidecar, [place[0] + 1.0, place[1] - 1.0]);
            assert!((x_back - x).abs() <= (x_next - x_back).abs(), "x {x} came back as {x_back}");
            assert!((y_back - y).abs() <= (y_next - y_back).abs(), "y {y} came back as {y_back}");
        }
    }
}

#[test]
fn a_gap_is_not_bridged_and_a_point_alone_is_a_dot() {
    let y = vec![1.0, 2.0, f64::NAN, 3.0, f64::NAN, 4.0, 5.0];
    let chart = chart((0..7).map(f64::from).collect(), y);
    let picture = chart.picture().unwrap();
    let svg = picture.svg(Theme::Light);
    let document = Document::parse(&svg).unwrap();
    assert_eq!(lines(&document, "a", "k-line").iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    let series = &picture.sidecar().series[0];
    assert_eq!(series.y, [Some(1.0), Some(2.0), None, Some(3.0), None, Some(4.0), Some(5.0)]);
    assert_eq!((series.missing, series.points_drawn, series.points_total), (2, 5, 7));
    assert!(picture.description().contains("2 missing"), "{}", picture.description());
    let alone = document.descendants().filter(|node| node.tag_name().name() == "circle").count();
    assert!(alone >= 5, "every point stands alone enough for a marker");
}

#[test]
fn smoothing_keeps_the_raw_line_behind() {
    let picture = support::smoothed_loss().picture().unwrap();
    let svg = picture.svg(Theme::Light);
    let document = Document::parse(&svg).unwrap();
    let raw = lines(&document, "run-2", "k-raw").concat();
    let smooth = lines(&document, "run-2", "k-line").concat();
    let top = |line: &[[f64; 2]]| {
        value(picture.sidecar(), line.iter().copied().min_by(|a, b| a[1].total_cmp(&b[1])).unwrap())[1]
    };
    assert!((top(&raw) - 3.4).abs() < 0.02, "the spike of 3.4 is in the raw line: {}", top(&raw));
    assert!(top(&smooth) < 2.6, "and not in the smooth one: {}", top(&smooth));
}

#[test]
fn a_zoom_cuts_lines_at_the_edge() {
    let chart = LineChart {
        x_range: Some([20.5, 30.5]),
        y_range: Some([0.0, 25.0]),
        ..chart((0..100).map(f64::from).collect(), (0..100).map(f64::from).collect())
    };
    let picture = chart.picture().unwrap();
    let svg = picture.svg(Theme::Light);
    let line = lines(&Document::parse(&svg).unwrap(), "a", "k-line").concat();
    let ends = [value(picture.sidecar(), line[0]), value(picture.sidecar(), line[line.len() - 1])];
    assert!((ends[0][0] - 20.5).abs() < 0.02 && (ends[1][1] - 25.0).abs() < 0.1, "{ends:?}");
}

#[test]
fn values_without_a_logarithm_are_said() {
    let log = |y: Vec<f64>| LineChart {
        y_scale: AxisScale::Log,
        ..chart((0..y.len()).map(|step| step as f64).collect(), y)
    };
    let some = log(vec![-1.0, 0.0, 1.0, 10.0]).picture().unwrap();
    assert!(some.description().contains("2 values at or below 0"), "{}", some.description());
    assert!(some.svg(Theme::Light).contains("2 ≤ 0 not on the log scale"));
    let none = log(vec![-1.0, -2.0]).picture().unwrap_err();
    assert!(matches!(none, Error::Unavailable { .. }), "{none}");
    assert!(none.to_string().contains("no value of `loss` is above 0"), "{none}");
}

#[test]
fn text_of_a_repository_stays_text() {
    let hostile = "</text><script>alert(1)</script>&\"'\u{0}\u{202e}]]>";
    let chart = LineChart {
        title: hostile.into(),
        y_label: hostile.into(),
        series: vec![ChartSeries::new(hostile, hostile, 0, vec![1.0, 2.0], vec![1.0, 2.0])],
        baseline: Some(Baseline { label: hostile.into(), value: 1.5 }),
        ..LineChart::default()
    };
    let classes = vec![hostile.to_owned(), "b".to_owned()];
    let confusion =
        ConfusionChart::counts(hostile, Confusion { classes, counts: vec![vec![1.0, 2.0], vec![3.0, 4.0]] });
    let row = ForestRow {
        label: hostile.into(),
        change: Some(1.0),
        interval: None,
        direction: Direction::HigherIsBetter,
        outcome: None,
    };
    let forest = DeltaForest { title: hostile.into(), rows: vec![row], ..DeltaForest::default() };
    for picture in [chart.picture(), confusion.picture(), forest.picture()] {
        let svg = picture.unwrap().svg(Theme::Auto);
        let document = Document::parse(&svg).expect("well-formed whatever the labels say");
        assert!(
            document.descendants().all(|node| node.tag_name().name() != "script"),
            "no element came out of a label"
        );
        assert!(!svg.contains('\u{202e}') && !svg.contains('\u{0}'), "no control reaches the reader");
        let title = document
            .descendants()
            .find(|node| node.tag_name().name() == "title")
            .and_then(|node| node.text());
        assert!(title.is_some_and(|title| title.starts_with("</text><script>")), "{title:?}");
    }
}

#[test]
fn the_document_stands_alone_and_names_tokens() {
    let svg = support::smoothed_loss().svg(Theme::Auto).unwrap();
    assert!(
        svg.contains("role=\"img\"")
            && svg.contains("<title>Training loss</title>")
            && svg.contains("<desc>")
    );
    assert!(svg.contains("stroke=\"var(--series-0,#005daf)\""), "a page's own tokens win");
    assert!(
        svg.contains("svg:root{") && svg.contains("prefers-color-scheme:dark"),
        "and alone it brings its own"
    );
    assert!(!support::smoothed_loss().svg(Theme::Dark).unwrap().contains("prefers-color-scheme"));
}

#[test]
fn a_change_is_better_on_the_diagonal_and_worse_beside_it() {
    let side = |counts: [[f64; 2]; 2]| Confusion {
        classes: vec!["x".into(), "y".into()],
        counts: counts.map(|row| row.to_vec()).to_vec(),
    };
    let svg = ConfusionChart::change("d", &side([[5.0, 5.0], [0.0, 9.0]]), &side([[8.0, 2.0], [3.0, 6.0]]))
        .unwrap()
        .svg(Theme::Light)
        .unwrap();
    let document = Document::parse(&svg).unwrap();
    let tints: Vec<_> = document
        .descendants()
        .filter_map(|node| node.attribute("class"))
        .filter(|class| class.starts_with("k-cell kf"))
        .collect();
    assert_eq!(tints, ["k-cell kf-better", "k-cell kf-better", "k-cell kf-worse", "k-cell kf-worse"]);
    let other = Confusion { classes: vec!["z".into(), "y".into()], ..side([[0.0; 2]; 2]) };
    assert!(matches!(ConfusionChart::change("d", &side([[0.0; 2]; 2]), &other), Err(Error::Invalid { .. })));
}

#[test]
fn slices_come_worst_first_and_in_words() {
    let table = support::slice_forest().table();
    let changes: Vec<f64> = table.rows.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(changes.is_sorted(), "{changes:?}");
    let verdicts: Vec<_> =
        support::metric_forest().table().rows.into_iter().map(|row| row[4].clone()).collect();
    assert_eq!(
        verdicts,
        ["better", "no clear change", "worse", "better", "not comparable"],
        "a falling loss is better"
    );
}

#[test]
fn tables_hold_every_point_as_given() {
    let mut chart = chart(vec![1.0, 2.0, 4.0], vec![0.5, f64::NAN, 0.25]);
    chart.series.push(
        ChartSeries::new("b", "b", 1, vec![2.0, 3.0], vec![7.0, 8.0])
            .with_band(vec![6.0, 7.0], vec![8.0, 9.0]),
    );
    chart.smoothing = 0.9;
    let csv = chart.table().to_csv();
    assert_eq!(csv, "step,a,b,b low,b high\r\n1,0.5,,,\r\n2,,7,6,8\r\n3,,8,7,9\r\n4,0.25,,,\r\n");
}

#[test]
fn a_promotion_is_marked_and_missing_versions_are_counted() {
    let picture = support::history(24).picture().unwrap();
    let svg = picture.svg(Theme::Light);
    let flags = svg.matches("k-flag ").count();
    assert_eq!(flags, 3, "three versions were promoted");
    assert!(picture.description().contains("3 values are not known"), "{}", picture.description());
    assert_eq!(picture.sidecar().x_labels.len(), 24);
    assert_eq!(picture.sidecar().series[0].lo.len(), picture.sidecar().series[0].x.len());
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324, 1e-300, 1e300]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_attribute_is_ever_not_a_number(
        data in prop::collection::vec((any_value(), any_value(), any_value()), 0..40),
        scales in any::<[bool; 2]>(),
        smoothing in prop::sample::select(vec![0.0, 0.5, 0.99, f64::NAN]),
        range in prop::option::of((any_value(), any_value())),
        baseline in any_value(),
        size in (0_u32..1200, 0_u32..700),
    ) {
        let [x, y, low]: [Vec<f64>; 3] = [data.iter().map(|d| d.0).collect(), data.iter().map(|d| d.1).collect(), data.iter().map(|d| d.2).collect()];
        let scale = |log| if log { AxisScale::Log } else { AxisScale::Linear };
        let high = y.clone();
        let chart = LineChart {
            title: "t".into(),
            x_scale: scale(scales[0]),
            y_scale: scale(scales[1]),
            series: vec![ChartSeries::new("a", "a", 3, x, y).with_band(low, high)],
            smoothing,
            y_range: range.map(|(a, b)| [a, b]),
            x_range: range.map(|(a, b)| [b, a]),
            baseline: Some(Baseline { label: "p".into(), value: baseline }),
            size: Size { width: size.0, height: size.1 },
            ..LineChart::default()
        };
        match chart.picture() {
            Err(error) => prop_assert!(matches!(error, Error::Unavailable { .. }), "{error}"),
            Ok(picture) => {
                let svg = picture.svg(Theme::Auto);
                let document = Document::parse(&svg).unwrap();
                for attribute in document.descendants().flat_map(|node| node.attributes().collect::<Vec<_>>()) {
                    let text = attribute.value();
                    prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}={text}", attribute.name());
                }
                let sidecar = picture.sidecar();
                prop_assert!(sidecar.x_domain.iter().chain(&sidecar.y_domain).all(|end| end.is_finite()));
                for series in &sidecar.series {
                    prop_assert!([series.y.len(), series.lo.len(), series.hi.len()].iter().all(|length| *length == series.x.len()));
                }
            }
        }
    }

    #[test]
    fn confusions_and_forests_of_anything_are_drawn(cells in prop::collection::vec(any_value(), 9), rows in prop::collection::vec((any_value(), any_value(), any_value()), 0..12)) {
        let classes = vec!["a".to_owned(), "b".into(), "c".into()];
        let counts = cells.chunks(3).map(<[f64]>::to_vec).collect();
        let confusion = ConfusionChart::counts("t", Confusion { classes, counts });
        let rows = rows.into_iter().map(|(change, low, high)| ForestRow {
            label: "row".into(), change: Some(change), interval: Some([low, high]), direction: Direction::LowerIsBetter, outcome: None,
        }).collect();
        let forest = DeltaForest { rows, worst_first: true, ..DeltaForest::default() };
        for picture in [confusion.picture(), forest.picture()] {
            let svg = picture.unwrap().svg(Theme::Dark);
            prop_assert!(Document::parse(&svg).is_ok());
            prop_assert!(!svg.contains("NaN") && !svg.contains("=\"inf") && !svg.contains("=\"-inf"), "{svg}");
        }
    }
}

#[test]
fn a_page_gets_the_same_marks_without_a_style_element() {
    let chart = support::smoothed_loss();
    let picture = chart.picture().expect("a picture");
    let (whole, page) = (picture.svg(Theme::default()), picture.svg_for_page());
    assert!(whole.contains("<style>") && !page.contains("<style"), "a page's policy forbids style elements");
    let marks = |text: &str| {
        text.split_once("</desc>\n")
            .map(|(_, rest)| rest.rsplit_once("</style>\n").map_or(rest, |(_, rest)| rest).to_owned())
    };
    assert_eq!(marks(&whole), marks(&page));
}

//! Pictures reviewed once by eye; a difference is looked at before it is accepted.

#[expect(dead_code, reason = "each test uses a part")]
mod support;

use keelmark_charts::{Chart, HistoryChart, LineChart, Size, Theme};

const SMALL: Size = Size { width: 420, height: 260 };

#[test]
fn curves_with_bands_and_a_baseline() {
    let chart = LineChart { size: SMALL, ..support::epochs_with_bands() };
    insta::assert_snapshot!(chart.svg(Theme::Auto).unwrap());
}

#[test]
fn history_with_promotions() {
    let chart = HistoryChart { size: SMALL, ..support::history(12) };
    insta::assert_snapshot!(chart.svg(Theme::Light).unwrap());
}

#[test]
fn confusion_change() {
    insta::assert_snapshot!(support::named_change().svg(Theme::Dark).unwrap());
}

#[test]
fn metric_forest() {
    insta::assert_snapshot!(support::metric_forest().svg(Theme::Light).unwrap());
}

#[test]
fn sidecar_of_curves() {
    let chart = LineChart { size: SMALL, ..support::epochs_with_bands() };
    let json = serde_json::to_string_pretty(&chart.sidecar().unwrap()).unwrap();
    insta::assert_snapshot!(json);
}

#[test]
fn nothing_yet() {
    let chart = LineChart {
        title: "Nothing so far".into(),
        y_label: "loss".into(),
        size: SMALL,
        ..LineChart::default()
    };
    insta::assert_snapshot!(chart.svg(Theme::Light).unwrap());
}

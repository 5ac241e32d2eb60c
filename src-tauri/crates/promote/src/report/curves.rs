//! Training curves side by side, drawn by keelmark-charts.

use keelmark_charts::{Chart, ChartSeries, LineChart, Size, Theme};
use keelmark_compare::Curve;

use super::html::{Page, whole};

/// How many curves a page shows.
const SHOWN: usize = 6;

pub(crate) fn curves(page: &mut Page, curves: &[Curve]) {
    if curves.is_empty() {
        return;
    }
    page.open_section("", "Curves", "A dashed, B solid");
    page.raw("<div class=\"charts\">\n");
    let mut ordered: Vec<&Curve> = curves.iter().collect();
    ordered.sort_by_key(|curve| match curve.metric.as_str() {
        "validation/loss" => 0,
        "train/loss" => 1,
        metric if metric.starts_with("validation/") => 2,
        _ => 3,
    });
    for curve in ordered.iter().take(SHOWN) {
        match chart(curve).svg(Theme::Auto) {
            Ok(svg) => page.raw("<figure>").raw(&svg).raw("</figure>\n"),
            Err(error) => page.element("p", "none", format_args!("{}: {error}", curve.metric)),
        };
    }
    page.raw("</div>");
    if let Some(rest) = curves.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        page.element("p", "none", format_args!("{} more are in comparison.json.", whole(rest as u64)));
    }
    page.raw("</section>\n");
}

fn chart(curve: &Curve) -> LineChart {
    let line = |id: &str, label: &str, color_index: usize, values: &[Option<f64>]| {
        let known =
            curve.steps.iter().zip(values).filter_map(|(step, value)| Some((*step as f64, (*value)?)));
        let (x, y): (Vec<f64>, Vec<f64>) = known.unzip();
        ChartSeries::new(id, label, color_index, x, y)
    };
    // Index 9 is the second colour again, dashed; the page gives both lines the colours of A and B.
    let series = vec![line("a", "A", 9, &curve.a), line("b", "B", 0, &curve.b)];
    LineChart {
        title: curve.metric.clone(),
        y_label: curve.metric.rsplit('/').next().unwrap_or_default().to_owned(),
        series: series.into_iter().filter(|series| !series.x.is_empty()).collect(),
        size: Size { width: 400, height: 260 },
        ..LineChart::default()
    }
}

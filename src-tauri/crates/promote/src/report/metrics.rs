//! Every metric on both sides, its change and the interval around a zero line.

use keelmark_compare::{Comparison, MetricChange, SliceChange, Verdict};
use keelmark_types::{Direction, Evaluation, metric_info};

use super::html::{Page, change, interval, label, on_shared_scale, sign, value, whole};

/// Half the width of a bar, its height, and the room at its ends.
const HALF: f64 = 100.0;
const MIDDLE: f64 = 10.0;
const ROOM: f64 = 6.0;

pub(crate) fn metrics(page: &mut Page, comparison: &Comparison) {
    page.open_section(
        "",
        "Metrics",
        "right of the line is better; shares in one scale, other metrics each in its own",
    );
    page.table("", &["Metric", ">A", ">B", ">Change", "Interval", ">", "Verdict", ">p", ">p, Holm"]);
    let scale = shared_scale(comparison.metrics.iter());
    for metric in &comparison.metrics {
        let is_headline = comparison.headline.as_deref() == Some(metric.name.as_str());
        page.raw(if is_headline { "<tr class=\"head-line\">" } else { "<tr>" });
        row(page, metric, scale, true);
    }
    page.close_table().raw("</section>\n");
}

pub(crate) fn classes(page: &mut Page, comparison: &Comparison) {
    if comparison.classes.is_empty() {
        return;
    }
    page.open_section("wide", "Classes", "precision, recall, F1 and AUC of each");
    page.raw("<details><summary>").text(whole(comparison.classes.len() as u64)).raw(" rows</summary>");
    page.table("", &["Class and metric", ">A", ">B", ">Change", "Interval", ">", "Verdict"]);
    let scale = shared_scale(comparison.classes.iter());
    for metric in &comparison.classes {
        page.raw("<tr>");
        row(page, metric, scale, false);
    }
    page.close_table().raw("</details></section>\n");
}

pub(crate) fn slices(page: &mut Page, slices: &[SliceChange]) {
    if slices.is_empty() {
        return;
    }
    let metric = slices.first().map_or("", |slice| label(&slice.metric));
    page.open_section("wide", "Slices", format_args!("{metric}, worst first"));
    page.table("", &["Slice", ">Examples", ">A", ">B", ">Change", "Interval", ">", "Verdict"]);
    let reach =
        slices.iter().filter_map(|slice| reach(slice.change, slice.low, slice.high)).fold(0.0, f64::max);
    for slice in slices {
        page.raw("<tr><td class=\"name\">").text(&slice.column).text(" = ").text(&slice.value).raw("</td>");
        page.element("td", "n", whole(slice.examples));
        page.element("td", "n", value(&slice.metric, slice.a));
        page.element("td", "n", value(&slice.metric, slice.b));
        let direction = metric_info(&slice.metric).map(|info| info.direction);
        let ends = (slice.change, slice.low, slice.high);
        changed(page, &slice.metric, ends, slice.verdict, direction, reach, slice.why.as_deref());
        page.raw("</tr>\n");
    }
    page.close_table().raw("</section>\n");
}

/// The metrics of a candidate nobody compared.
pub(crate) fn measured(page: &mut Page, evaluation: &Evaluation) {
    page.open_section("", "Metrics", format_args!("{} examples", whole(evaluation.examples)));
    page.table("", &["Metric", ">Value", "95 % interval", ""]);
    for (name, metric) in &evaluation.metrics {
        page.raw("<tr>").element("td", "name", label(name)).element("td", "n", value(name, metric.value));
        let ends = match (metric.low, metric.high) {
            (Some(_), Some(_)) => format!("{} … {}", value(name, metric.low), value(name, metric.high)),
            _ => String::new(),
        };
        page.element("td", "", ends)
            .element("td", "same", metric.why.as_deref().unwrap_or_default())
            .raw("</tr>\n");
    }
    page.close_table().raw("</section>\n");
}

fn row(page: &mut Page, metric: &MetricChange, scale: f64, with_p: bool) {
    page.raw("<td class=\"name\">");
    if let Some(class) = &metric.class {
        page.text(class).text(" · ");
    }
    page.text(label(&metric.name)).raw("</td>");
    page.element("td", "n", value(&metric.name, metric.a)).element("td", "n", value(&metric.name, metric.b));
    let ends = (metric.change, metric.low, metric.high);
    let own = if on_shared_scale(&metric.name) {
        scale
    } else {
        reach(metric.change, metric.low, metric.high).unwrap_or(0.0)
    };
    changed(page, &metric.name, ends, metric.verdict, metric.direction, own, metric.why.as_deref());
    if with_p {
        let p = |p: Option<f64>| match p {
            None => "–".to_owned(),
            Some(p) if p < 0.0001 => "< 0.0001".to_owned(),
            Some(p) => format!("{p:.4}"),
        };
        page.element("td", "n", p(metric.p)).element("td", "n", p(metric.p_holm));
    }
    page.raw("</tr>\n");
}

type Ends = (Option<f64>, Option<f64>, Option<f64>);

/// Change, interval as a bar and in digits, verdict.
fn changed(
    page: &mut Page,
    metric: &str,
    (middle, low, high): Ends,
    verdict: Verdict,
    direction: Option<Direction>,
    scale: f64,
    why: Option<&str>,
) {
    let (mark, class) = sign(verdict);
    page.raw("<td class=\"n ")
        .raw(class)
        .raw("\">")
        .text(change(metric, middle))
        .raw("</td><td class=\"")
        .raw(class)
        .raw("\">");
    if let Some(direction) = direction {
        let turned =
            |end: Option<f64>| end.filter(|end| end.is_finite()).map(|end| direction.improvement(end));
        bar(page, (turned(middle), turned(low), turned(high)), scale);
    }
    page.raw("</td>").element("td", "n", interval(metric, low, high).unwrap_or_else(|| "–".to_owned()));
    page.raw("<td class=\"v\"><span class=\"")
        .raw(class)
        .raw("\">")
        .raw(mark)
        .raw(" ")
        .text(verdict)
        .raw("</span>");
    if let Some(why) = why {
        page.raw(" ").element("small", "", why);
    }
    page.raw("</td>");
}

/// How far a row reaches from zero.
fn reach(change: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<f64> {
    [change, low, high].into_iter().flatten().filter(|end| end.is_finite()).map(f64::abs).reduce(f64::max)
}

fn shared_scale<'a>(metrics: impl Iterator<Item = &'a MetricChange>) -> f64 {
    let shares = metrics.filter(|metric| on_shared_scale(&metric.name));
    shares.filter_map(|metric| reach(metric.change, metric.low, metric.high)).fold(0.0, f64::max)
}

/// An interval around a zero line, right is better.
fn bar(page: &mut Page, (middle, low, high): Ends, scale: f64) {
    let Some(middle) = middle else { return };
    let at = |end: f64| {
        let share = if scale > 0.0 { (end / scale).clamp(-1.0, 1.0) } else { 0.0 };
        (HALF + share * (HALF - ROOM)).round()
    };
    page.raw("<svg class=\"bar\" viewBox=\"0 0 200 20\" aria-hidden=\"true\"><path class=\"zero\" d=\"M100 1v18\"/>");
    if let (Some(one), Some(other)) = (low, high) {
        let (from, to) = (at(one.min(other)), at(one.max(other)));
        page.raw(&format!("<path class=\"range\" d=\"M{from} {MIDDLE}H{to}\"/><path class=\"end\" d=\"M{from} 6v8M{to} 6v8\"/>"));
    }
    page.raw(&format!("<circle class=\"dot\" cx=\"{}\" cy=\"{MIDDLE}\" r=\"3.5\"/></svg>", at(middle)));
}

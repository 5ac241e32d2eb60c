//! What changed: data, settings, code, weights, cost.

use keelmark_compare::{
    Amount, ChangeKind, CodeDiff, Comparison, ConfigDiff, Cost, DataDiff, LayerChangeKind, WeightsDiff,
};

use super::html::{Page, number, sign_of, signed_whole, whole};

/// How many rows of one kind a page shows.
const SHOWN: usize = 200;

pub(crate) fn changes(page: &mut Page, comparison: &Comparison) {
    if let Some(diff) = &comparison.config {
        config(page, diff);
    }
    if let Some(diff) = &comparison.data {
        data(page, diff);
    }
    if let Some(diff) = &comparison.code {
        code(page, diff);
    }
    cost(page, &comparison.cost);
    if let Some(diff) = &comparison.weights {
        weights(page, diff);
    }
}

fn begin(page: &mut Page, heading: &str, changed: usize, same: u64, unit: &str) -> bool {
    let counted = format!("{} differ, {} the same", whole(changed as u64), whole(same));
    page.open_section("", heading, counted);
    if changed == 0 {
        page.element("p", "none", format_args!("No {unit} differs.")).raw("</section>\n");
    }
    changed > 0
}

fn end(page: &mut Page, changed: usize) {
    page.close_table();
    if let Some(rest) = changed.checked_sub(SHOWN).filter(|rest| *rest > 0) {
        page.element("p", "none", format_args!("{} more are in comparison.json.", whole(rest as u64)));
    }
    page.raw("</section>\n");
}

fn kind(page: &mut Page, kind: ChangeKind) {
    let (mark, word) = match kind {
        ChangeKind::Added => ("+", "added"),
        ChangeKind::Removed => ("−", "removed"),
        ChangeKind::Changed => ("~", "changed"),
    };
    page.raw("<td class=\"v\">").raw(mark).raw(" ").raw(word).raw("</td>");
}

fn config(page: &mut Page, diff: &ConfigDiff) {
    if !begin(page, "Config", diff.changes.len(), diff.same, "setting") {
        return;
    }
    page.table("", &["Setting", "A", "B"]);
    for change in diff.changes.iter().take(SHOWN) {
        let value = |value: &Option<serde_json::Value>| {
            value.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string)
        };
        page.raw("<tr>").element("td", "break mono", &change.path);
        page.element("td", "break mono", value(&change.a))
            .element("td", "break mono", value(&change.b))
            .raw("</tr>\n");
    }
    end(page, diff.changes.len());
}

fn data(page: &mut Page, diff: &DataDiff) {
    if !begin(page, "Data", diff.changes.len(), diff.same, "file") {
        return;
    }
    page.table("", &["", "File", ">A", ">B"]);
    for change in diff.changes.iter().take(SHOWN) {
        page.raw("<tr>");
        kind(page, change.kind);
        page.element("td", "break mono", &change.path);
        page.element("td", "n", bytes(change.size_bytes_a))
            .element("td", "n", bytes(change.size_bytes_b))
            .raw("</tr>\n");
    }
    end(page, diff.changes.len());
}

fn code(page: &mut Page, diff: &CodeDiff) {
    if !begin(page, "Code", diff.changes.len(), diff.same, "file") {
        return;
    }
    page.table("", &["", "File", "A", "B"]);
    for change in diff.changes.iter().take(SHOWN) {
        let short = |blob: &Option<String>| {
            blob.as_ref().map_or_else(|| "–".to_owned(), |blob| blob.chars().take(8).collect::<String>())
        };
        page.raw("<tr>");
        kind(page, change.kind);
        page.element("td", "break mono", &change.path);
        page.element("td", "mono", short(&change.a)).element("td", "mono", short(&change.b)).raw("</tr>\n");
    }
    end(page, diff.changes.len());
}

fn weights(page: &mut Page, diff: &WeightsDiff) {
    let same = diff.layers.iter().filter(|layer| layer.kind == LayerChangeKind::Same).count();
    page.open_section(
        "wide",
        "Model",
        format_args!("{} layers, {} bit for bit the same", diff.layers.len(), same),
    );
    if diff.identical {
        page.element("p", "none", "Every layer has the same bits.").raw("</section>\n");
        return;
    }
    let largest = diff
        .layers
        .iter()
        .filter_map(|layer| layer.relative_change)
        .filter(|change| change.is_finite())
        .fold(0.0, f64::max);
    page.table("", &["Layer", "Shape", ">‖A‖", ">‖B‖", ">‖B − A‖ / ‖A‖", ""]);
    for layer in diff.layers.iter().take(SHOWN) {
        let shape = |shape: &Option<Vec<usize>>| {
            shape.as_ref().map(|shape| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "))
        };
        let shapes = match (shape(&layer.shape_a), shape(&layer.shape_b)) {
            (Some(a), Some(b)) if a == b => a,
            (Some(a), Some(b)) => format!("{a} → {b}"),
            (a, b) => a.or(b).unwrap_or_default(),
        };
        let norm = |norm: Option<f64>| norm.map_or_else(|| "–".to_owned(), number);
        page.raw("<tr>").element("td", "break mono", &layer.name).element("td", "v", shapes);
        page.element("td", "n", norm(layer.norm_a)).element("td", "n", norm(layer.norm_b));
        let told = match layer.kind {
            LayerChangeKind::Same => "same bits".to_owned(),
            LayerChangeKind::Added => "added".to_owned(),
            LayerChangeKind::Removed => "removed".to_owned(),
            LayerChangeKind::Reshaped => "reshaped".to_owned(),
            LayerChangeKind::Changed => norm(layer.relative_change),
        };
        page.element("td", "n", told).raw("<td>");
        if let Some(change) = layer.relative_change.filter(|change| largest > 0.0 && change.is_finite()) {
            let percent = change / largest * 100.0;
            page.raw("<div class=\"stack\" style=\"width:96px;margin:0\" aria-hidden=\"true\">");
            page.raw(&format!("<i class=\"changed\" style=\"width:{percent:.1}%\"></i></div>"));
        }
        page.raw("</td></tr>\n");
    }
    end(page, diff.layers.len());
}

fn cost(page: &mut Page, cost: &Cost) {
    type Row = (&'static str, Amount, fn(Option<u64>) -> String, fn(i64) -> String);
    let rows: [Row; 4] = [
        ("Parameters", cost.parameters, |count| count.map_or_else(|| "–".to_owned(), whole), signed_whole),
        ("Size of the weights", cost.size_bytes, bytes, signed_bytes),
        ("Duration of the run", cost.duration_millis, duration, signed_duration),
        ("Time in training", cost.training_millis, duration, signed_duration),
    ];
    if rows.iter().all(|(_, amount, ..)| amount.a.is_none() && amount.b.is_none()) {
        return;
    }
    page.open_section("", "Cost", "");
    page.table("", &["", ">A", ">B", ">Change"]);
    for (name, amount, show, show_change) in rows {
        let change = amount.change.map_or_else(|| "–".to_owned(), show_change);
        page.raw("<tr>").element("td", "name", name).element("td", "n", show(amount.a));
        page.element("td", "n", show(amount.b)).element("td", "n", change).raw("</tr>\n");
    }
    page.close_table().raw("</section>\n");
}

fn bytes(size: Option<u64>) -> String {
    let Some(size) = size else { return "–".to_owned() };
    let float = size as f64;
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{:.1} KiB", float / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", float / 1_048_576.0),
        _ => format!("{:.2} GiB", float / 1_073_741_824.0),
    }
}

fn duration(millis: Option<u64>) -> String {
    let Some(millis) = millis else { return "–".to_owned() };
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..120_000 => format!("{:.1} s", millis as f64 / 1000.0),
        120_000..7_200_000 => format!("{:.1} min", millis as f64 / 60_000.0),
        _ => format!("{:.1} h", millis as f64 / 3_600_000.0),
    }
}

fn signed(change: i64, show: fn(Option<u64>) -> String) -> String {
    format!("{}{}", sign_of(change), show(Some(change.unsigned_abs())))
}

fn signed_bytes(change: i64) -> String {
    signed(change, bytes)
}

fn signed_duration(change: i64) -> String {
    signed(change, duration)
}

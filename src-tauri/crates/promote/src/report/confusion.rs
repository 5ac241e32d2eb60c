//! Confusion of A, of B, and B − A; a cell's tint stays below what ink needs for its contrast.

use keelmark_compare::ConfusionChange;
use keelmark_types::Confusion;

use super::html::{Page, number};

/// The most classes a grid is drawn for.
const LARGEST_GRID: usize = 25;
/// How many moves are listed where no grid is drawn.
const LISTED: usize = 20;

pub(crate) fn confusion(page: &mut Page, confusion: &ConfusionChange) {
    page.open_section("", "Confusion", "true class in rows, predicted in columns");
    let ConfusionChange { classes, a, b, change } = confusion;
    if classes.len() > LARGEST_GRID {
        moves(page, classes, change);
    } else {
        page.raw("<div class=\"grids\">");
        grid(page, "B − A", classes, change, Cells::Change);
        grid(page, "A", classes, a, Cells::Counts);
        grid(page, "B", classes, b, Cells::Counts);
        page.raw("</div>");
    }
    page.raw("</section>\n");
}

pub(crate) fn counts(page: &mut Page, confusion: &Confusion) {
    if confusion.classes.len() > LARGEST_GRID {
        return;
    }
    page.open_section("", "Confusion", "true class in rows, predicted in columns");
    page.raw("<div class=\"grids\">");
    grid(page, "Counts", &confusion.classes, &confusion.counts, Cells::Counts);
    page.raw("</div></section>\n");
}

#[derive(Clone, Copy, PartialEq)]
enum Cells {
    Counts,
    Change,
}

fn grid(page: &mut Page, title: &str, classes: &[String], cells: &[Vec<f64>], kind: Cells) {
    let largest =
        cells.iter().flatten().filter(|value| value.is_finite()).map(|value| value.abs()).fold(0.0, f64::max);
    page.raw("<div>").element("h3", "", title);
    page.raw("<div class=\"scroll\" tabindex=\"0\"><table class=\"grid\"><thead><tr><th></th>");
    for class in classes {
        page.raw("<th scope=\"col\">").text(class).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for (row, class) in classes.iter().enumerate() {
        page.raw("<tr><th scope=\"row\">").text(class).raw("</th>");
        for column in 0..classes.len() {
            let value = cells.get(row).and_then(|cells| cells.get(column)).copied().unwrap_or(f64::NAN);
            cell(page, value, largest, (kind, row == column));
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div></div>\n");
}

fn cell(page: &mut Page, value: f64, largest: f64, (kind, diagonal): (Cells, bool)) {
    let share = if largest > 0.0 && value.is_finite() { (value.abs() / largest).sqrt() } else { 0.0 };
    let percent = (share * 40.0).round();
    if percent < 1.0 {
        page.raw("<td class=\"nil\">").raw(if value.is_finite() { "0" } else { "–" }).raw("</td>");
        return;
    }
    // On the diagonal more is better; beside it, more is worse.
    let token = match kind {
        Cells::Counts => "accent",
        Cells::Change if (value > 0.0) == diagonal => "better",
        Cells::Change => "worse",
    };
    page.raw(&format!("<td style=\"--cell:color-mix(in srgb,var(--{token}) {percent}%,var(--surface))\">"));
    page.text(count(value, kind)).raw("</td>");
}

fn count(value: f64, kind: Cells) -> String {
    let is_whole = value.fract().abs() < 1e-9;
    let text = if is_whole { format!("{value:.0}").replace('-', "−") } else { number(value) };
    if kind == Cells::Change && value > 0.0 { format!("+{text}") } else { text }
}

fn moves(page: &mut Page, classes: &[String], change: &[Vec<f64>]) {
    let mut moved: Vec<(usize, usize, f64)> = Vec::new();
    for (row, cells) in change.iter().enumerate() {
        moved.extend(
            cells
                .iter()
                .enumerate()
                .filter(|(_, value)| value.abs() > 0.0)
                .map(|(column, value)| (row, column, *value)),
        );
    }
    moved.sort_by(|x, y| y.2.abs().total_cmp(&x.2.abs()).then((x.0, x.1).cmp(&(y.0, y.1))));
    let name = |index: usize| classes.get(index).map_or("?", String::as_str);
    page.element("p", "none", format_args!("{} classes; the largest moves:", classes.len()));
    page.table("", &["True class", "Predicted", ">B − A"]);
    for (row, column, value) in moved.into_iter().take(LISTED) {
        page.raw("<tr>").element("td", "name", name(row)).element("td", "", name(column));
        page.element("td", "n", count(value, Cells::Change)).raw("</tr>\n");
    }
    page.close_table();
}

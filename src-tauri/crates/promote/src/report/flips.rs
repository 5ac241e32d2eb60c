//! Changed predictions: counted, and listed where examples may be named.

use keelmark_compare::{Comparison, FlipKind, Flips};

use super::html::{Page, whole};

pub(crate) fn flips(page: &mut Page, comparison: &Comparison, aggregate_only: bool) {
    let Flips { fixed, broken, changed, total, examples } = &comparison.flips;
    if comparison.confusion.is_none() && *total == 0 {
        return;
    }
    page.open_section(
        "wide",
        "Changed predictions",
        format_args!("{} of {}", whole(*total), whole(comparison.examples.paired)),
    );
    page.raw("<div class=\"counts\">");
    for (count, class, mark, word) in [
        (*broken, "worse", "▼", "broken: right before, wrong now"),
        (*fixed, "better", "▲", "fixed: wrong before, right now"),
        (*changed, "same", "·", "changed: wrong both times, differently"),
    ] {
        page.raw("<div><b class=\"").raw(class).raw("\">").raw(mark).raw(" ").text(whole(count)).raw("</b>");
        page.element("span", "", word).raw("</div>");
    }
    page.raw("</div>");
    if *total > 0 {
        page.raw("<div class=\"stack\" aria-hidden=\"true\">");
        for (count, class) in [(*broken, "broken"), (*fixed, "fixed"), (*changed, "changed")] {
            let percent = count as f64 / *total as f64 * 100.0;
            page.raw(&format!("<i class=\"{class}\" style=\"width:{percent:.2}%\"></i>"));
        }
        page.raw("</div>");
    }
    if let Some(test) = &comparison.tests.mcnemar {
        page.element(
            "p",
            "facts",
            format_args!(
                "McNemar: {} right by both, {} only by A, {} only by B, {} by neither; exact p {:.4}",
                whole(test.both_right),
                whole(test.a_only),
                whole(test.b_only),
                whole(test.both_wrong),
                test.p_exact
            ),
        );
    }
    if aggregate_only {
        page.element(
            "p",
            "none",
            "Single examples are not shared by this repository; they are counted only.",
        );
    } else if !examples.is_empty() {
        list(page, comparison);
    }
    page.raw("</section>\n");
}

fn list(page: &mut Page, comparison: &Comparison) {
    let Flips { total, examples, .. } = &comparison.flips;
    page.raw("<details open><summary>").text(whole(examples.len() as u64)).raw(" listed</summary>");
    page.table("", &["", "Example", "Truth", "A, and how sure", "B, and how sure"]);
    for flip in examples {
        let (class, mark, word) = match flip.kind {
            FlipKind::Broken => ("worse", "▼", "broken"),
            FlipKind::Fixed => ("better", "▲", "fixed"),
            FlipKind::Changed => ("same", "·", "changed"),
        };
        page.raw("<tr><td class=\"").raw(class).raw("\">").raw(mark).raw(" ").raw(word).raw("</td>");
        page.element("td", "break mono", &flip.id).element("td", "", &flip.truth);
        for (answer, confidence) in [(&flip.a, flip.confidence_a), (&flip.b, flip.confidence_b)] {
            page.raw("<td>").text(answer).raw(" ");
            page.element("small", "", format_args!("{:.0} %", confidence * 100.0)).raw("</td>");
        }
        page.raw("</tr>\n");
    }
    page.close_table();
    let rest = total.saturating_sub(examples.len() as u64);
    if rest > 0 {
        page.element("p", "none", format_args!("{} more are counted, not listed.", whole(rest)));
    }
    page.raw("</details>");
}

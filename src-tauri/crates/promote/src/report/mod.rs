//! A comparison as one self-contained page: no script, nothing loaded, every text of the repository only text.

mod changes;
mod confusion;
mod curves;
mod flips;
mod html;
mod metrics;
mod style;
mod verdict;

use keelmark_compare::Comparison;
use keelmark_types::{Evaluation, Override};

use crate::judge::Judgement;
use html::Page;

/// What a page shows; what is not there is left out.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The heading, e.g. `digits v1.3.0 for production`.
    pub title: &'a str,
    /// How the candidate differs from the baseline.
    pub comparison: Option<&'a Comparison>,
    /// The candidate's own evaluation: shown where there is no comparison, and for its grade of evidence.
    pub evaluation: Option<&'a Evaluation>,
    /// The gates and the decision.
    pub judgement: Option<&'a Judgement>,
    /// The typed reason somebody promoted with.
    pub overridden: Option<&'a Override>,
    /// Leaves out single examples: they are counted only.
    pub aggregate_only: bool,
}

/// The page. The same report gives the same bytes: it holds no time and no place of this machine.
pub fn report_html(report: &Report<'_>) -> String {
    let mut page = Page::default();
    page.raw(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n<meta \
         name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light \
         dark\">\n<meta name=\"generator\" content=\"Keelmark\">\n<title>",
    );
    page.text(report.title)
        .raw("</title>\n<style>")
        .raw(&style::style())
        .raw("</style>\n</head>\n<body>\n<main>\n");
    verdict::head(&mut page, report);
    verdict::verdict(&mut page, report);
    match (report.comparison, report.evaluation) {
        (Some(comparison), _) => compared(&mut page, comparison, report.aggregate_only),
        (None, Some(evaluation)) => {
            metrics::measured(&mut page, evaluation);
            if let Some(counts) = &evaluation.confusion {
                confusion::counts(&mut page, counts);
            }
        }
        (None, None) => {}
    }
    page.raw("<footer>Made by Keelmark. Intervals are paired: a verdict is better or worse only where the interval excludes \
              zero, and what is missing reads –.</footer>\n</main>\n</body>\n</html>\n");
    page.finish()
}

/// In the order people ask: why, where is it worse, what changed.
fn compared(page: &mut Page, comparison: &Comparison, aggregate_only: bool) {
    if !comparison.metrics.is_empty() {
        metrics::metrics(page, comparison);
    }
    curves::curves(page, &comparison.curves);
    if let Some(change) = &comparison.confusion {
        confusion::confusion(page, change);
    }
    flips::flips(page, comparison, aggregate_only);
    metrics::slices(page, &comparison.slices);
    metrics::classes(page, comparison);
    page.raw("<div class=\"two\">\n");
    changes::changes(page, comparison);
    page.raw("</div>\n");
}

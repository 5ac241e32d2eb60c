//! The head of the page: who is compared, can it ship, which gates say so.

use keelmark_compare::{Comparison, SideName, Verdict};
use keelmark_types::{Decision, GateOutcome, GateState, Grade};

use super::Report;
use super::html::{Page, whole};

/// The mark: a circle crossed by a line, a dot at its centre.
const MARK: &str = "<svg viewBox=\"0 0 24 24\" role=\"img\" aria-label=\"Keelmark\"><circle cx=\"12\" cy=\"12\" r=\"7.5\" \
fill=\"none\" stroke=\"var(--accent)\" stroke-width=\"2\"/><path d=\"M1.5 12h21\" stroke=\"var(--accent)\" \
stroke-width=\"2\"/><circle cx=\"12\" cy=\"12\" r=\"3\" fill=\"var(--accent)\"/></svg>";

pub(crate) fn head(page: &mut Page, report: &Report<'_>) {
    page.raw("<header class=\"head\">").raw(MARK).element("h1", "", report.title);
    if let Some(comparison) = report.comparison {
        page.raw("<div class=\"sides\">");
        side(page, "a", "A baseline", &comparison.a);
        side(page, "b", "B candidate", &comparison.b);
        page.raw("</div>");
    }
    page.raw("</header>\n");
}

fn side(page: &mut Page, class: &str, role: &str, name: &SideName) {
    page.raw("<span class=\"side ")
        .raw(class)
        .raw("\"><i></i>")
        .element("b", "", role)
        .text(" ")
        .text(&name.label);
    if let Some(version) = name.version.as_ref().filter(|version| !version.as_str().starts_with(&name.label))
    {
        page.element("code", "", version.short());
    }
    page.raw("</span>");
}

pub(crate) fn verdict(page: &mut Page, report: &Report<'_>) {
    let needed = report.overridden.is_some_and(|given| given.needed);
    let (class, word) = match report.judgement.map(|judgement| judgement.decision) {
        Some(Decision::Blocked) if needed => ("warned", "▲ OVERRIDDEN"),
        Some(Decision::Blocked) => ("blocked", "✗ BLOCKED"),
        Some(Decision::Ready) => ("ready", "✓ READY"),
        None => (
            "",
            match report.comparison.map(|comparison| comparison.verdict) {
                Some(Verdict::Better) => "▲ BETTER",
                Some(Verdict::Worse) => "▼ WORSE",
                Some(Verdict::NoClearChange) => "· NO CLEAR CHANGE",
                Some(Verdict::NotComparable) => "– NOT COMPARABLE",
                None => "– NOT COMPARED",
            },
        ),
    };
    page.raw("<div class=\"verdict ").raw(class).raw("\">").element("span", "word", word).raw("<div>");
    if let Some(comparison) = report.comparison {
        page.element("p", "", &comparison.why);
    }
    if let Some(judgement) = report.judgement {
        page.element("p", "", &judgement.why);
        for obstacle in judgement.obstacles.iter().skip(1) {
            page.element("p", "", format_args!("Also: {obstacle}."));
        }
    }
    if let Some(given) = report.overridden {
        let when = if given.needed { "" } else { " (it was not needed)" };
        page.element("p", "", format_args!("Override{when}: {}", given.reason));
    }
    page.raw("</div></div>\n");
    if let Some(judgement) = report.judgement.filter(|judgement| !judgement.gates.is_empty()) {
        page.raw("<ul class=\"gates\" aria-label=\"Gates\">\n");
        judgement.gates.iter().for_each(|outcome| gate(page, outcome));
        page.raw("</ul>\n");
    }
    facts(page, report);
}

fn gate(page: &mut Page, gate: &GateOutcome) {
    let (class, mark, word) = match gate.state {
        GateState::Passed => ("passed", "✓", "passed"),
        GateState::Failed => ("failed", "✗", "failed"),
        GateState::Inconclusive => ("inconclusive", "?", "inconclusive"),
    };
    page.raw("<li class=\"")
        .raw(class)
        .raw("\"><span class=\"mark\" aria-hidden=\"true\">")
        .raw(mark)
        .raw("</span><span>");
    page.element("b", "", &gate.name)
        .raw("<small>")
        .raw(word)
        .raw(": ")
        .text(&gate.why)
        .raw("</small></span></li>\n");
}

fn facts(page: &mut Page, report: &Report<'_>) {
    let mut facts: Vec<String> = Vec::new();
    if let Some(Comparison { a, b, examples, tests, .. }) = report.comparison {
        match (&a.test_digest, &b.test_digest) {
            (Some(one), Some(other)) if one == other => facts.push("same test set".to_owned()),
            (Some(_), Some(_)) => facts.push("different test sets".to_owned()),
            _ => {}
        }
        facts.push(format!("{} examples paired", whole(examples.paired)));
        for (count, side) in [(examples.only_a, 'A'), (examples.only_b, 'B')] {
            if count > 0 {
                facts.push(format!("{} only in {side}", whole(count)));
            }
        }
        if let Some(bootstrap) = &tests.bootstrap {
            let percent = bootstrap.confidence * 100.0;
            facts
                .push(format!("{percent} % intervals from {} resamples", whole(bootstrap.replicates.into())));
        }
    } else if let Some(evaluation) = report.evaluation {
        facts.push(format!("{} examples", whole(evaluation.examples)));
        facts.push("no baseline to compare with".to_owned());
    }
    if let Some(evaluation) = report.evaluation {
        facts.push(match evaluation.grade {
            Grade::Asserted => "asserted".to_owned(),
            Grade::Recomputed => "recomputed here from predictions".to_owned(),
            Grade::Repeated => "inference repeated here".to_owned(),
            Grade::Reproduced => "training reproduced here".to_owned(),
        });
    }
    if !facts.is_empty() {
        page.element("p", "facts", facts.join(" · "));
    }
}

//! Text into HTML: everything escaped, numbers written for people.

use std::fmt::{self, Display, Write as _};

use keelmark_compare::Verdict;
use keelmark_types::metric_info;

/// A piece of the page. Markup goes in by [`Page::raw`], everything else by [`Page::text`].
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// Markup of our own; no text of a repository.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Anybody's text, for content and for attributes in double quotes.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        write!(Escaped(&mut self.0), "{text}").expect("writing to a string cannot fail");
        self
    }

    /// `<tag class="…">text</tag>`.
    pub(crate) fn element(&mut self, tag: &str, class: &str, text: impl Display) -> &mut Self {
        self.raw("<").raw(tag);
        if !class.is_empty() {
            self.raw(" class=\"").raw(class).raw("\"");
        }
        self.raw(">").text(text).raw("</").raw(tag).raw(">")
    }

    /// A section with its heading, opened.
    pub(crate) fn open_section(&mut self, class: &str, heading: &str, aside: impl Display) -> &mut Self {
        self.raw("<section class=\"").raw(class).raw("\">\n<h2>").text(heading);
        self.raw(" <span class=\"aside\">").text(aside).raw("</span></h2>\n")
    }

    /// The head of a table: names, those that begin with `>` set to the right.
    pub(crate) fn table(&mut self, class: &str, columns: &[&str]) -> &mut Self {
        self.raw("<div class=\"scroll\" tabindex=\"0\"><table class=\"").raw(class).raw("\"><thead><tr>");
        for column in columns {
            match column.strip_prefix('>') {
                Some(name) => self.raw("<th scope=\"col\" class=\"n\">").text(name),
                None => self.raw("<th scope=\"col\">").text(column),
            };
            self.raw("</th>");
        }
        self.raw("</tr></thead><tbody>\n")
    }

    pub(crate) fn close_table(&mut self) -> &mut Self {
        self.raw("</tbody></table></div>\n")
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                // Able to turn the reading direction of what stands around it.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                control if control.is_control() => self.0.push('\u{fffd}'),
                plain => self.0.push(plain),
            }
        }
        Ok(())
    }
}

/// A number with as many digits as people look at, and a real minus sign.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let text = if !value.is_finite() {
        return "not a number".to_owned();
    } else if size >= 1000.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.2}")
    } else if size >= 0.0001 || size == 0.0 {
        format!("{value:.4}")
    } else {
        format!("{value:.2e}")
    };
    if text.trim_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text.replace('-', "−") }
}

fn is_share(metric: &str) -> bool {
    metric_info(metric).map_or(matches!(metric, "precision" | "recall" | "f1"), |info| info.is_share)
}

/// Whether metrics of this name can share one scale with the other shares.
pub(crate) fn on_shared_scale(metric: &str) -> bool {
    is_share(metric)
}

/// A metric's name for people.
pub(crate) fn label(metric: &str) -> &str {
    match metric {
        "precision" => "Precision",
        "recall" => "Recall",
        "f1" => "F1",
        name => metric_info(name).map_or(name, |info| info.label),
    }
}

/// A metric's value, shares in per cent.
pub(crate) fn value(metric: &str, value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if is_share(metric) => format!("{:.2} %", value * 100.0),
        Some(value) => number(value),
    }
}

/// A change of a metric with its sign, of shares in points.
pub(crate) fn change(metric: &str, change: Option<f64>) -> String {
    match change {
        None => "–".to_owned(),
        Some(change) if is_share(metric) => format!("{} pts", points(change)),
        Some(change) => plus(change, number(change)),
    }
}

/// An interval without its unit.
pub(crate) fn interval(metric: &str, low: Option<f64>, high: Option<f64>) -> Option<String> {
    let show = |end: f64| if is_share(metric) { points(end) } else { plus(end, number(end)) };
    Some(format!("{} … {}", show(low?), show(high?)))
}

fn points(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    if text.trim_matches(['-', '0', '.']).is_empty() {
        return "0.00".to_owned();
    }
    plus(share, text.replace('-', "−"))
}

fn plus(value: f64, text: String) -> String {
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// A whole number with thin spaces between thousands.
pub(crate) fn whole(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A signed whole number.
pub(crate) fn signed_whole(value: i64) -> String {
    format!("{}{}", sign_of(value), whole(value.unsigned_abs()))
}

/// The sign of a change; none where nothing changed.
pub(crate) fn sign_of(change: i64) -> &'static str {
    match change {
        1.. => "+",
        0 => "",
        _ => "−",
    }
}

/// The sign and the class of a verdict: never colour alone.
pub(crate) fn sign(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Better => ("▲", "better"),
        Verdict::Worse => ("▼", "worse"),
        Verdict::NoClearChange => ("·", "same"),
        Verdict::NotComparable => ("–", "same"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut page = Page::default();
        page.text("<img src=x onerror=alert(1)>\"'&\u{202e}\u{0}\n");
        assert_eq!(
            page.finish(),
            "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\u{fffd}\u{fffd} ",
            "markup, quotes, control and direction characters lose their meaning"
        );
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(change("accuracy", Some(0.027)), "+2.70 pts");
        assert_eq!(change("accuracy", Some(-0.000_001)), "0.00 pts", "no minus before zero");
        assert_eq!(change("log_loss", Some(-0.25)), "−0.2500");
        assert_eq!(value("log_loss", Some(0.000_012)), "1.20e−5");
        assert_eq!(whole(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(value("accuracy", None), "–", "missing is not zero");
    }
}

//! The bundled font: measuring texts and finding glyphs.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

/// The name it is registered under.
pub(crate) const FAMILY: &str = "Inter";

/// The font file.
pub(crate) const BYTES: &[u8] = include_bytes!("../../../../assets/fonts/InterKeelmark-Regular.ttf");

/// Reserve for readers who lack the font and fall back to a wider one.
const SLACK: f64 = 1.06;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(BYTES).expect("the bundled font is compiled in and a test reads it")
});

/// The font.
pub(crate) fn font() -> &'static FontRef<'static> {
    &FONT
}

/// `ab_glyph`'s scale (ascent to descent) for a size in pixels an em.
pub(crate) fn px_scale(size: f64) -> PxScale {
    let units = font().units_per_em().unwrap_or(2048.0);
    PxScale::from(size as f32 * font().height_unscaled() / units)
}

/// How wide `text` is at `size` pixels an em.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let scaled = font().as_scaled(px_scale(size));
    text.chars().map(|character| f64::from(scaled.h_advance(scaled.glyph_id(character)))).sum::<f64>() * SLACK
}

/// `text` cut with an ellipsis to at most `limit` pixels.
pub(crate) fn elide(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let scaled = font().as_scaled(px_scale(size));
    let mut used = width("…", size);
    let mut kept = String::new();
    for character in text.chars() {
        used += f64::from(scaled.h_advance(scaled.glyph_id(character))) * SLACK;
        if used > limit {
            break;
        }
        kept.push(character);
    }
    let mut kept = kept.trim_end().to_owned();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_tabular() {
        let one = width("1", 13.0);
        for digit in '0'..='9' {
            let digit_width = width(&digit.to_string(), 13.0);
            assert!(
                (digit_width - one).abs() < 1e-6,
                "{digit} is as wide as every digit, so columns line up"
            );
        }
    }

    #[test]
    fn signs_used_in_charts_have_glyphs() {
        for sign in "−…·×±≤≥▲▼→←–°µ%".chars() {
            assert_ne!(font().glyph_id(sign).0, 0, "{sign} would be drawn as a box");
        }
    }

    #[test]
    fn a_cut_text_fits() {
        let cut = elide("a very long label of a run that somebody named in detail", 12.0, 90.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 90.0, "{cut}");
        assert_eq!(elide("short", 12.0, 90.0), "short");
        assert_eq!(elide("anything", 12.0, 0.0), "…", "no room at all still says that something was cut");
    }
}

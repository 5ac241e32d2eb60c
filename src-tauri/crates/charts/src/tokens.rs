//! The design tokens: `assets/tokens.json`, one source for Rust and the window.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

/// The tokens as compiled in.
pub const TOKENS_JSON: &str = include_str!("../../../../assets/tokens.json");

/// Which colours a picture wears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light where it stands, dark where the reader prefers dark (SVG); light in pixels.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour token. Drawing code names one of these, never a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Paint {
    /// The page behind everything.
    Canvas,
    /// A raised ground.
    Surface,
    /// A sunken ground.
    Sunken,
    /// Thin lines and the grid.
    Line,
    /// Outlines that must be seen.
    Control,
    /// Text.
    Ink,
    /// Quieter text.
    Ink2,
    /// The quietest text.
    Ink3,
    /// The candidate B, focus.
    Accent,
    /// The baseline A.
    Baseline,
    /// An improvement.
    Better,
    /// An improvement's ground.
    BetterGround,
    /// A worsening.
    Worse,
    /// A worsening's ground.
    WorseGround,
    /// A warning.
    Warn,
    /// A warning's ground.
    WarnGround,
    /// Danger.
    Danger,
    /// Danger's ground.
    DangerGround,
    /// A run's or metric's colour, 0 to 7; larger numbers begin again at 0.
    Series(u8),
}

const NAMED: [(Paint, &str); 18] = [
    (Paint::Canvas, "canvas"),
    (Paint::Surface, "surface"),
    (Paint::Sunken, "sunken"),
    (Paint::Line, "line"),
    (Paint::Control, "control"),
    (Paint::Ink, "ink"),
    (Paint::Ink2, "ink-2"),
    (Paint::Ink3, "ink-3"),
    (Paint::Accent, "accent"),
    (Paint::Baseline, "baseline"),
    (Paint::Better, "better"),
    (Paint::BetterGround, "better-ground"),
    (Paint::Worse, "worse"),
    (Paint::WorseGround, "worse-ground"),
    (Paint::Warn, "warn"),
    (Paint::WarnGround, "warn-ground"),
    (Paint::Danger, "danger"),
    (Paint::DangerGround, "danger-ground"),
];
const SERIES: [&str; 8] =
    ["series-0", "series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7"];

impl Paint {
    /// Every token.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMED.iter().map(|(paint, _)| *paint).chain((0..8).map(Self::Series))
    }

    /// Its name in `tokens.json`; `--` before it gives the CSS variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Series(index) => SERIES[usize::from(index) % SERIES.len()],
            named => NAMED.iter().find(|(paint, _)| *paint == named).map_or("ink", |(_, name)| name),
        }
    }

    /// Its colour; `Theme::Auto` answers light.
    pub fn rgb(self, theme: Theme) -> Rgb {
        PALETTES[usize::from(theme == Theme::Dark)][usize::from(self.code())]
    }

    /// The number under which it travels through plotters, which knows only red, green and blue.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Series(index) => NAMED.len() as u8 + index % 8,
            named => NAMED.iter().position(|(paint, _)| *paint == named).unwrap_or(0) as u8,
        }
    }

    /// The paint with this number.
    pub(crate) fn from_code(code: u8) -> Self {
        let code = usize::from(code);
        NAMED
            .get(code)
            .map_or(Self::Series((code.saturating_sub(NAMED.len()) % 8) as u8), |(paint, _)| *paint)
    }
}

/// A colour in both themes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pair {
    /// `#rrggbb` in the light theme.
    pub light: String,
    /// `#rrggbb` in the dark theme.
    pub dark: String,
}

/// A size of type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TypeSize {
    /// Size in CSS pixels.
    pub size_px: u32,
    /// Line height in CSS pixels.
    pub line_px: u32,
    /// `text` or `mono`.
    pub family: String,
}

/// `assets/tokens.json`, read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// Colours by token name.
    pub color: BTreeMap<String, Pair>,
    /// Type sizes by use.
    #[serde(rename = "type")]
    pub type_sizes: BTreeMap<String, TypeSize>,
    /// Font families, as CSS lists.
    pub family: BTreeMap<String, String>,
}

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    serde_json::from_str(TOKENS_JSON).expect("assets/tokens.json is compiled in and a test reads it")
});

/// Both themes' colours by paint code.
static PALETTES: LazyLock<[Vec<Rgb>; 2]> = LazyLock::new(|| {
    let palette = |pick: fn(&Pair) -> &str| {
        let color = |paint: Paint| tokens().color.get(paint.name()).and_then(|pair| parse_hex(pick(pair)));
        Paint::all()
            .map(|paint| color(paint).expect("a test holds every paint against tokens.json"))
            .collect()
    };
    [palette(|pair| &pair.light), palette(|pair| &pair.dark)]
});

/// The tokens.
pub fn tokens() -> &'static Tokens {
    &TOKENS
}

/// The size of a use of type, in CSS pixels.
pub(crate) fn type_px(name: &str) -> f64 {
    tokens().type_sizes.get(name).map_or(13.0, |size| f64::from(size.size_px))
}

/// The CSS variables of every colour in one theme: `--ink:#101a26;…`.
pub fn css_variables(theme: Theme) -> String {
    let mut css = String::new();
    for paint in Paint::all() {
        push_css(&mut css, format_args!("--{}:{};", paint.name(), paint.rgb(theme)));
    }
    css
}

fn push_css(css: &mut String, text: std::fmt::Arguments<'_>) {
    css.write_fmt(text).expect("writing to a string cannot fail");
}

fn parse_hex(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some(Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8))
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paint_is_a_token_and_every_token_a_paint() {
        let mut names: Vec<_> = Paint::all().map(Paint::name).collect();
        names.sort_unstable();
        let tokens: Vec<_> = tokens().color.keys().map(String::as_str).collect();
        assert_eq!(names, tokens, "drawing code and tokens.json name the same colours");
    }

    #[test]
    fn a_paint_survives_the_way_through_plotters() {
        for paint in Paint::all() {
            assert_eq!(Paint::from_code(paint.code()), paint);
        }
        assert_eq!(Paint::Series(8).rgb(Theme::Dark), Paint::Series(0).rgb(Theme::Dark), "indices wrap");
    }
}

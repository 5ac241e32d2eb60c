//! Marker shapes: what tells series apart beside their colour.

use crate::picture::{Dash, Picture};
use crate::tokens::Paint;

/// The dashes of the n-th series: solid for the first eight, then patterns, so that no two look alike before 32.
pub(crate) fn dash(color_index: usize) -> Dash {
    [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::Mixed][color_index / 8 % 4]
}

/// The colour of the n-th series.
pub(crate) fn paint(color_index: usize) -> Paint {
    Paint::Series((color_index % 8) as u8)
}

/// Draws the n-th series' shape around a point.
pub(crate) fn draw(picture: &mut Picture, center: (f64, f64), color_index: usize, radius: f64) {
    let paint = paint(color_index);
    let diagonal = radius * std::f64::consts::FRAC_1_SQRT_2;
    let bar = radius * 0.38;
    let corners: Vec<(f64, f64)> = match color_index % 8 {
        0 => {
            picture.dot("k-marker", center, radius, paint);
            return;
        }
        1 => vec![(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)].scaled(radius),
        2 => vec![(0.0, -1.1), (1.05, 0.8), (-1.05, 0.8)].scaled(radius),
        3 => vec![(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)].scaled(radius),
        4 => vec![(0.0, 1.1), (1.05, -0.8), (-1.05, -0.8)].scaled(radius),
        5 => plus(radius * 1.1, bar),
        6 => plus(radius * 1.1, bar)
            .into_iter()
            .map(|(x, y)| ((x - y) * diagonal / radius, (x + y) * diagonal / radius))
            .collect(),
        _ => vec![(-0.55, -1.0), (0.55, -1.0), (1.1, 0.0), (0.55, 1.0), (-0.55, 1.0), (-1.1, 0.0)]
            .scaled(radius),
    };
    picture.area("k-marker", corners.into_iter().map(|(x, y)| (center.0 + x, center.1 + y)), paint, 1.0);
}

trait Scaled {
    fn scaled(self, by: f64) -> Self;
}

impl Scaled for Vec<(f64, f64)> {
    fn scaled(self, by: f64) -> Self {
        self.into_iter().map(|(x, y)| (x * by, y * by)).collect()
    }
}

fn plus(arm: f64, bar: f64) -> Vec<(f64, f64)> {
    vec![
        (-bar, -arm),
        (bar, -arm),
        (bar, -bar),
        (arm, -bar),
        (arm, bar),
        (bar, bar),
        (bar, arm),
        (-bar, arm),
        (-bar, bar),
        (-arm, bar),
        (-arm, -bar),
        (-bar, -bar),
    ]
}

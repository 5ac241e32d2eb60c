//! Colours can be read and told apart: contrast, and three kinds of colour blindness.

use keelmark_charts::{Paint, Rgb, Theme};

fn linear(Rgb(red, green, blue): Rgb) -> [f64; 3] {
    [red, green, blue].map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

/// WCAG 2.2 relative luminance.
fn luminance(linear: [f64; 3]) -> f64 {
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(linear(a)), luminance(linear(b)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// CIE L*a*b*, D65.
fn lab(linear: [f64; 3]) -> [f64; 3] {
    let [red, green, blue] = linear;
    let x = (0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue) / 0.950_47;
    let y = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175 * blue;
    let z = (0.019_333_9 * red + 0.119_192 * green + 0.950_304_1 * blue) / 1.088_83;
    let bend = |t: f64| if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (bend(x), bend(y), bend(z));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000, as Sharma, Wu and Dalal (2005) define it.
fn delta_e_2000([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let mean_chroma = f64::midpoint(a1.hypot(b1), a2.hypot(b2)).powi(7);
    let stretch = 1.5 - 0.5 * (mean_chroma / (mean_chroma + 25f64.powi(7))).sqrt();
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue =
        |a: f64, b: f64| if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let mut turn = h2 - h1;
    if c1 * c2 == 0.0 {
        turn = 0.0;
    } else if turn > 180.0 {
        turn -= 360.0;
    } else if turn < -180.0 {
        turn += 360.0;
    }
    let hue_difference = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let h = if c1 * c2 == 0.0 {
        h1 + h2
    } else if (h1 - h2).abs() <= 180.0 {
        f64::midpoint(h1, h2)
    } else if h1 + h2 < 360.0 {
        f64::midpoint(h1, h2) + 180.0
    } else {
        f64::midpoint(h1, h2) - 180.0
    };
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cosine(h - 30.0) + 0.24 * cosine(2.0 * h) + 0.32 * cosine(3.0 * h + 6.0)
        - 0.20 * cosine(4.0 * h - 63.0);
    let weight_l = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let (weight_c, weight_h) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let rotation = -2.0
        * (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt()
        * (60.0 * (-((h - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
    let (dl, dc, dh) = ((l2 - l1) / weight_l, (c2 - c1) / weight_c, hue_difference / weight_h);
    (dl * dl + dc * dc + dh * dh + rotation * dc * dh).sqrt()
}

/// What is left of linear RGB under full colour blindness: protanopia and deuteranopia after Viénot, Brettel and Mollon (1999), whose
/// model has no tritanopia, which is after Machado, Oliveira and Fernandes (2009). By the latter's other two matrices the closest pairs
/// of the dark theme come to 13.4 (0 and 6, protanopia) and 13.99 (1 and 7, deuteranopia).
const BLINDNESS: [(&str, [[f64; 3]; 3]); 4] = [
    ("none", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.112_38, 0.887_62, 0.0], [0.112_38, 0.887_62, 0.0], [0.004_01, -0.004_01, 1.0]]),
    ("deuteranopia", [[0.292_75, 0.707_25, 0.0], [0.292_75, 0.707_25, 0.0], [-0.022_34, 0.022_34, 1.0]]),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

#[test]
fn the_yardsticks_measure_right() {
    assert!((contrast(Rgb(255, 255, 255), Rgb(0, 0, 0)) - 21.0).abs() < 1e-9);
    // Pairs 1 and 17 of the test data of Sharma, Wu and Dalal.
    let first = delta_e_2000([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]);
    assert!((first - 2.0425).abs() < 5e-5, "{first}");
    let far = delta_e_2000([50.0, 2.5, 0.0], [73.0, 25.0, -18.0]);
    assert!((far - 27.1492).abs() < 5e-5, "{far}");
}

#[test]
fn inks_can_be_read() {
    use Paint::{
        Accent, Better, BetterGround, Canvas, Danger, DangerGround, Ink, Ink2, Ink3, Surface, Warn,
        WarnGround, Worse, WorseGround,
    };
    for theme in THEMES {
        let mut pairs = Vec::new();
        for ink in [Ink, Ink2, Ink3, Accent, Better, Worse, Warn, Danger] {
            pairs.extend([(ink, Canvas), (ink, Surface)]);
        }
        pairs.extend([
            (Better, BetterGround),
            (Worse, WorseGround),
            (Warn, WarnGround),
            (Danger, DangerGround),
        ]);
        for (ink, ground) in pairs {
            let ratio = contrast(ink.rgb(theme), ground.rgb(theme));
            assert!(
                ratio >= 4.5,
                "{} on {} in {theme:?} is {ratio:.2}, text needs 4.5",
                ink.name(),
                ground.name()
            );
        }
    }
}

#[test]
fn ink_can_be_read_on_the_strongest_tint_of_a_heat_map() {
    for theme in THEMES {
        for tint in [Paint::Accent, Paint::Better, Paint::Worse] {
            let (Rgb(r, g, b), Rgb(gr, gg, gb)) = (tint.rgb(theme), Paint::Surface.rgb(theme));
            let mix = |over: u8, under: u8| (0.4 * f64::from(over) + 0.6 * f64::from(under)).round() as u8;
            let ground = Rgb(mix(r, gr), mix(g, gg), mix(b, gb));
            let ratio = contrast(Paint::Ink.rgb(theme), ground);
            assert!(ratio >= 4.5, "ink on 40 % {} in {theme:?} is {ratio:.2}", tint.name());
        }
    }
}

#[test]
fn series_and_outlines_can_be_seen() {
    let shapes = (0..8).map(Paint::Series).chain([Paint::Baseline, Paint::Control]);
    for (shape, theme) in shapes.flat_map(|shape| THEMES.map(|theme| (shape, theme))) {
        for ground in [Paint::Canvas, Paint::Surface] {
            let ratio = contrast(shape.rgb(theme), ground.rgb(theme));
            assert!(
                ratio >= 3.0,
                "{} on {} in {theme:?} is {ratio:.2}, shapes need 3",
                shape.name(),
                ground.name()
            );
        }
    }
}

#[test]
fn series_can_be_told_apart_by_everybody() {
    for theme in THEMES {
        for (name, matrix) in BLINDNESS {
            let seen = |index: u8| {
                let color = linear(Paint::Series(index).rgb(theme));
                lab(matrix.map(|row| {
                    row.iter().zip(color).map(|(by, channel)| by * channel).sum::<f64>().clamp(0.0, 1.0)
                }))
            };
            for (first, second) in (0..8).flat_map(|first| (first + 1..8).map(move |second| (first, second)))
            {
                let difference = delta_e_2000(seen(first), seen(second));
                assert!(
                    difference >= 14.0,
                    "series {first} and {second}, {name}, {theme:?}: {difference:.1}"
                );
            }
        }
    }
}

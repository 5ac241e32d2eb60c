//! Places on a scale, shared with the window: `tests/fixtures/scales.json` is read by this test and by the window's own.

use std::path::{Path, PathBuf};

use keelmark_charts::{Scale, ScaleKind};
use serde::{Deserialize, Serialize};

/// A scale and some places on it.
#[derive(Debug, Serialize, Deserialize)]
struct Case {
    name: String,
    kind: ScaleKind,
    domain: [f64; 2],
    range: [f64; 2],
    /// Values and the pixel of each; null where a value has no place.
    pixels: Vec<(f64, Option<f64>)>,
    /// Pixels and the value at each.
    values: Vec<(f64, f64)>,
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/scales.json")
}

fn case(name: &str, kind: ScaleKind, domain: [f64; 2], range: [f64; 2], values: &[f64]) -> Case {
    let scale = Scale::new(kind, domain, range);
    let pixel = |value: &f64| (*value, scale.holds(*value).then(|| scale.pixel(*value)));
    let [from, to] = range;
    let shares = [-0.1, 0.0, 0.125, 0.5, 0.731, 1.0, 1.2];
    let back = |share: f64| {
        let pixel = from + (to - from) * share;
        (pixel, scale.value(pixel))
    };
    Case {
        name: name.to_owned(),
        kind,
        domain,
        range,
        pixels: values.iter().map(pixel).collect(),
        values: shares.into_iter().map(back).collect(),
    }
}

fn cases() -> Vec<Case> {
    use ScaleKind::{Band, Linear, Log, Time};
    vec![
        case("steps", Linear, [0.0, 10_000.0], [64.3, 816.0], &[-5.0, 0.0, 1.0, 2_500.0, 9_999.5, 10_000.0]),
        case(
            "a share, from the bottom up",
            Linear,
            [0.82, 0.97],
            [394.0, 72.0],
            &[0.82, 0.9, 0.955, 0.97, 1.0],
        ),
        case("around zero", Linear, [-1.0, 1.0], [0.0, 300.0], &[-1.0, -1e-9, 0.0, 0.25, 1.0]),
        case("very small", Linear, [1e-12, 3e-12], [10.0, 20.0], &[1e-12, 2e-12, 3e-12]),
        case("nearly all there is", Linear, [-8e307, 8e307], [0.0, 800.0], &[-8e307, 0.0, 1e300, 8e307]),
        case("a learning rate", Log, [1e-5, 0.1], [394.0, 72.0], &[1e-5, 3e-4, 0.1, 1.0, 0.0, -2.0]),
        case("steps by ratio", Log, [1.0, 100_000.0], [48.0, 600.0], &[1.0, 10.0, 316.227_766, 100_000.0]),
        case(
            "an afternoon",
            Time,
            [1_772_442_000.0, 1_772_460_000.0],
            [64.0, 816.0],
            &[1_772_442_001.5, 1_772_451_000.0],
        ),
        case("seconds since the start", Time, [0.0, 12.75], [64.0, 816.0], &[0.0, 0.001, 6.375, 12.75]),
        case("five versions", Band, [-0.5, 4.5], [64.0, 564.0], &[0.0, 1.0, 2.0, 4.0]),
        case("one version", Band, [-0.5, 0.5], [64.0, 564.0], &[0.0]),
        case("ten thousand versions", Band, [-0.5, 9_999.5], [64.0, 1_200.0], &[0.0, 4_711.0, 9_999.0]),
    ]
}

/// Equal but for the last digits, which differ between the logarithms of two languages.
fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

#[test]
fn the_window_and_the_pictures_agree_on_every_place() {
    let path = file();
    if std::env::var_os("KEELMARK_WRITE_FIXTURES").is_some() {
        let text = serde_json::to_string_pretty(&cases()).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).expect("the cases; KEELMARK_WRITE_FIXTURES=1 writes them");
    let written: Vec<Case> = serde_json::from_str(&text).unwrap();
    let here = cases();
    assert_eq!(written.len(), here.len(), "write the cases anew: KEELMARK_WRITE_FIXTURES=1");
    for (written, here) in written.iter().zip(&here) {
        assert_eq!(written.name, here.name);
        assert_eq!((written.kind, written.domain, written.range), (here.kind, here.domain, here.range));
        let scale = Scale::new(written.kind, written.domain, written.range);
        assert_eq!(written.pixels.len(), here.pixels.len(), "{}", here.name);
        for &(value, pixel) in &written.pixels {
            match pixel {
                Some(pixel) => assert!(near(scale.pixel(value), pixel), "{}: {value}", here.name),
                None => assert!(!scale.holds(value), "{}: {value} has a place", here.name),
            }
        }
        for &(pixel, value) in &written.values {
            assert!(near(scale.value(pixel), value), "{}: pixel {pixel}", here.name);
        }
    }
}

#[test]
fn there_and_back_is_the_same_place() {
    for Case { name, kind, domain, range, .. } in cases() {
        let scale = Scale::new(kind, domain, range);
        for share in [0.0, 0.3, 1.0] {
            let pixel = range[0] + (range[1] - range[0]) * share;
            let back = scale.pixel(scale.value(pixel));
            assert!((back - pixel).abs() < 1e-6, "{name}: {pixel} comes back as {back}");
        }
    }
}

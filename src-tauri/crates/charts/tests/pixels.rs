//! PNG files decode, have the size asked for, and show something.

#[expect(dead_code, reason = "each test uses a part")]
mod support;

use keelmark_charts::{Chart, Error, LineChart, Paint, Rgb, Size, Theme};

fn decode(bytes: &[u8]) -> (u32, u32, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("one frame");
    (info.width, info.height, pixels.as_chunks::<3>().0.to_vec())
}

#[test]
fn every_chart_is_drawn_in_pixels() {
    let charts: [Box<dyn Chart>; 4] = [
        Box::new(support::epochs_with_bands()),
        Box::new(support::history(24)),
        Box::new(support::digits_counts()),
        Box::new(support::metric_forest()),
    ];
    for chart in charts {
        for theme in [Theme::Light, Theme::Dark] {
            let (_, _, pixels) = decode(&chart.png(theme, 1.0).unwrap());
            let Rgb(red, green, blue) = Paint::Canvas.rgb(theme);
            let drawn = pixels.iter().filter(|pixel| **pixel != [red, green, blue]).count();
            assert!(drawn * 100 > pixels.len(), "more than 1 % of the pixels are not the ground: {drawn}");
            let mut colors: Vec<_> = pixels.clone();
            colors.sort_unstable();
            colors.dedup();
            assert!(colors.len() > 60, "edges are smooth: {} shades", colors.len());
        }
    }
}

#[test]
fn the_scale_multiplies_the_size() {
    let size = Size { width: 300, height: 200 };
    let chart =
        LineChart { size, y_label: "loss".into(), series: support::losses(1, 50), ..LineChart::default() };
    for (scale, expected) in [(1.0, (300, 200)), (2.0, (600, 400)), (1.5, (450, 300)), (f64::NAN, (300, 200))]
    {
        let (width, height, _) = decode(&chart.png(Theme::Auto, scale).unwrap());
        assert_eq!((width, height), expected, "scale {scale}");
    }
}

#[test]
fn a_line_is_where_the_sidecar_says() {
    let mut chart = LineChart { y_label: "loss".into(), ..support::epochs_with_bands() };
    chart.series.truncate(1);
    chart.series[0].band = None;
    chart.baseline = None;
    let picture = chart.picture().unwrap();
    let (width, _, pixels) = decode(&picture.png(Theme::Light, 1.0).unwrap());
    let (rect, sidecar) = (picture.sidecar().plot_rect, picture.sidecar());
    let (x, y) = (sidecar.series[0].x[5], sidecar.series[0].y[5].unwrap());
    let share = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
    let column = (rect.x + share(x, sidecar.x_domain) * rect.width) as u32;
    let row = (rect.y + (1.0 - share(y, sidecar.y_domain)) * rect.height) as u32;
    let Rgb(red, green, blue) = Paint::Series(0).rgb(Theme::Light);
    assert_eq!(pixels[(row * width + column) as usize], [red, green, blue], "the middle of a marker");
}

#[test]
fn too_many_pixels_are_refused() {
    let chart = LineChart { size: Size { width: 8000, height: 8000 }, ..LineChart::default() };
    assert!(matches!(chart.png(Theme::Auto, 8.0), Err(Error::TooLarge { .. })));
}

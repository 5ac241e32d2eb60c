//! Charts to look at: one of each kind, with the difficult things in them.

use keelmark_charts::{
    AxisScale, Baseline, Chart, ChartSeries, ConfusionChart, DeltaForest, ForestRow, ForestScale,
    HistoryChart, HistoryCommit, HistorySeries, HistoryValue, LineChart, Size, XAxis,
};
use keelmark_types::{Confusion, Direction};

/// A noise that is the same everywhere.
pub struct Noise(u64);

impl Noise {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

/// `runs` loss curves of `points` steps.
pub fn losses(runs: usize, points: usize) -> Vec<ChartSeries> {
    let mut noise = Noise(7);
    (0..runs)
        .map(|run| {
            let x: Vec<f64> = (1..=points).map(|step| step as f64).collect();
            let rate = 3.0 + run as f64 * 0.7;
            let y = x
                .iter()
                .map(|step| {
                    let share = step / points as f64;
                    let level = 0.05 + 0.02 * run as f64 + 2.2 * (-rate * share).exp();
                    level * (1.0 + 0.35 * noise.next())
                })
                .collect();
            ChartSeries::new(
                format!("run-{run}"),
                format!("run {run} · lr {:.3}", 0.001 * (run + 1) as f64),
                run,
                x,
                y,
            )
        })
        .collect()
}

pub fn smoothed_loss() -> LineChart {
    let mut series = losses(3, 4000);
    series[1].y[2200..2600].fill(f64::NAN);
    series[2].y[900] = 3.4;
    LineChart {
        title: "Training loss".into(),
        y_label: "train/loss".into(),
        series,
        smoothing: 0.95,
        baseline: Some(Baseline { label: "production".into(), value: 0.31 }),
        ..LineChart::default()
    }
}

pub fn log_loss_log_steps() -> LineChart {
    LineChart {
        title: "Training loss, both axes logarithmic".into(),
        y_label: "train/loss".into(),
        x_scale: AxisScale::Log,
        y_scale: AxisScale::Log,
        series: losses(10, 20_000),
        ..LineChart::default()
    }
}

pub fn epochs_with_bands() -> LineChart {
    let series = (0..2)
        .map(|run| {
            let x: Vec<f64> = (1..=12).map(f64::from).collect();
            let y: Vec<f64> =
                x.iter().map(|epoch| 0.97 - 0.3 * (-epoch / (2.5 + run as f64 * 2.0)).exp()).collect();
            let low = y.iter().map(|value| value - 0.02).collect();
            let high = y.iter().map(|value| value + 0.012).collect();
            let label = ["A · 3f2c1a9 baseline", "B · 91be04d <b>candidate</b> & co"][run];
            ChartSeries::new(format!("run-{run}"), label, run, x, y).with_band(low, high)
        })
        .collect();
    LineChart {
        title: "Validation accuracy".into(),
        x_axis: XAxis::Epoch,
        y_label: "Accuracy".into(),
        series,
        baseline: Some(Baseline { label: "production".into(), value: 0.935 }),
        size: Size { width: 640, height: 360 },
        ..LineChart::default()
    }
}

pub fn history(commits: usize) -> HistoryChart {
    let mut noise = Noise(3);
    let at = |index: usize| HistoryCommit {
        short_id: format!(
            "{:07x}",
            0x00a_4c31_u64.wrapping_mul(index as u64 * 2_654_435_761 + 99_991) & 0x0fff_ffff
        ),
        subject: format!("Change {index}"),
        promoted: match index * 12 / commits {
            3 if index * 12 % commits < 12 => vec!["staging".into()],
            5 if index * 12 % commits < 12 => vec!["staging".into(), "production".into()],
            10 if index * 12 % commits < 12 => vec!["production".into()],
            _ => Vec::new(),
        },
    };
    let values = (0..commits)
        .map(|index| {
            let share = index as f64 / commits as f64;
            let dip = if (0.6..0.7).contains(&share) { 0.05 } else { 0.0 };
            let value = 0.86 + 0.1 * share - dip + 0.012 * noise.next();
            (index % 9 != 4).then_some(HistoryValue { value, interval: Some([value - 0.014, value + 0.012]) })
        })
        .collect();
    HistoryChart {
        title: "Accuracy across versions".into(),
        y_label: "Accuracy".into(),
        commits: (0..commits).map(at).collect(),
        series: vec![HistorySeries {
            id: "accuracy".into(),
            label: "Accuracy, test".into(),
            color_index: 0,
            values,
        }],
        baseline: Some(Baseline { label: "production".into(), value: 0.912 }),
        ..HistoryChart::default()
    }
}

pub fn confusion_of(classes: &[&str]) -> [Confusion; 2] {
    let mut noise = Noise(11);
    [1.0, 0.8].map(|errors| {
        let cell = |row: usize, column: usize, noise: &mut Noise| {
            if row == column {
                (92.0 + 10.0 * noise.next()).round()
            } else {
                (errors * (4.5 * noise.next() + 1.0).max(0.0)).round()
            }
        };
        let counts = (0..classes.len())
            .map(|row| (0..classes.len()).map(|column| cell(row, column, &mut noise)).collect())
            .collect();
        Confusion { classes: classes.iter().map(|class| (*class).to_owned()).collect(), counts }
    })
}

pub fn digits_counts() -> ConfusionChart {
    let [a, _] = confusion_of(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    ConfusionChart::counts("Confusion of B", a)
}

pub fn named_change() -> ConfusionChart {
    let [a, b] =
        confusion_of(&["airplane", "automobile", "cat", "deer with long horns in fog", "dog", "ship"]);
    ConfusionChart::change("Confusion, B − A", &a, &b).expect("same classes")
}

pub fn metric_forest() -> DeltaForest {
    let row = |label: &str, change: f64, interval: [f64; 2], direction| ForestRow {
        label: label.into(),
        change: Some(change),
        interval: Some(interval),
        direction,
        outcome: None,
    };
    DeltaForest {
        title: "What changed from A to B".into(),
        rows: vec![
            row("Accuracy", 0.027, [0.011, 0.043], Direction::HigherIsBetter),
            row("F1, macro", 0.004, [-0.012, 0.02], Direction::HigherIsBetter),
            row("ECE, 15 bins", 0.008, [0.002, 0.015], Direction::LowerIsBetter),
            row("Log loss", -0.12, [-0.19, -0.05], Direction::LowerIsBetter),
            ForestRow {
                label: "ROC AUC".into(),
                change: None,
                interval: None,
                direction: Direction::HigherIsBetter,
                outcome: None,
            },
        ],
        scale: ForestScale::PerRow,
        ..DeltaForest::default()
    }
}

pub fn slice_forest() -> DeltaForest {
    let mut noise = Noise(5);
    let rows = (0..9)
        .map(|index| {
            let change = 0.02 + 0.12 * noise.next();
            let half = 0.02 + 0.01 * f64::from(index);
            let label = if index == 3 {
                "ink: 0.41 … 0.58, region: “North & East”, a very long slice name that is cut".into()
            } else {
                format!("class {index}")
            };
            ForestRow {
                label,
                change: Some(change),
                interval: Some([change - half, change + half]),
                direction: Direction::HigherIsBetter,
                outcome: None,
            }
        })
        .collect();
    DeltaForest {
        title: "Accuracy by slice, worst first".into(),
        rows,
        worst_first: true,
        ..DeltaForest::default()
    }
}

/// Every chart with its name.
pub fn gallery() -> Vec<(&'static str, Box<dyn Chart>)> {
    let ten = LineChart {
        title: "Ten runs, 100,000 points each".into(),
        y_label: "train/loss".into(),
        series: losses(10, 100_000),
        ..LineChart::default()
    };
    let time = LineChart {
        title: String::new(),
        x_axis: XAxis::RelativeTime,
        y_label: "throughput, examples a second".into(),
        series: vec![ChartSeries::new(
            "r",
            "run 9",
            8,
            (0..300).map(|i| f64::from(i) * 21.3).collect(),
            (0..300).map(|i| 12_000.0 + 900.0 * (f64::from(i) / 9.0).sin()).collect(),
        )],
        size: Size { width: 420, height: 240 },
        ..LineChart::default()
    };
    vec![
        ("smoothed_loss", Box::new(smoothed_loss())),
        ("log_log", Box::new(log_loss_log_steps())),
        ("epochs", Box::new(epochs_with_bands())),
        ("history_24", Box::new(history(24))),
        ("history_4000", Box::new(history(4000))),
        ("confusion_counts", Box::new(digits_counts())),
        ("confusion_change", Box::new(named_change())),
        ("forest_metrics", Box::new(metric_forest())),
        ("forest_slices", Box::new(slice_forest())),
        ("ten_runs", Box::new(ten)),
        ("time", Box::new(time)),
        (
            "empty",
            Box::new(LineChart {
                title: "Nothing so far".into(),
                y_label: "loss".into(),
                size: Size { width: 420, height: 220 },
                ..LineChart::default()
            }),
        ),
    ]
}

//! The numbers beside a picture: for overlays in the window, and for people who read tables.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Baseline, ScaleKind};

/// Where the data area is, in CSS pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct PlotRect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// What was drawn of one series, in data units. All lists are as long as `x`; a missing value is null.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SidecarSeries {
    /// The series' id, as in `data-series`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its colour, 0 to 7 within the palette.
    pub color_index: usize,
    /// Places along x.
    pub x: Vec<f64>,
    /// Values drawn (smoothed where smoothing is on).
    pub y: Vec<Option<f64>>,
    /// Lower ends of intervals; empty without intervals.
    pub lo: Vec<Option<f64>>,
    /// Upper ends of intervals; empty without intervals.
    pub hi: Vec<Option<f64>>,
    /// Points there are.
    pub points_total: u64,
    /// Points that are drawn.
    pub points_drawn: u64,
    /// Values that are missing, not finite, or have no place on the axis.
    pub missing: u64,
}

/// All that crosshair, tooltip and brush need.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Sidecar {
    /// The data area.
    pub plot_rect: PlotRect,
    /// Values at its left and right edge.
    pub x_domain: [f64; 2],
    /// Values at its bottom and top edge.
    pub y_domain: [f64; 2],
    /// How x maps to pixels.
    pub x_scale: ScaleKind,
    /// How y maps to pixels.
    pub y_scale: ScaleKind,
    /// Names of the places on a band scale along x.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub x_labels: Vec<String>,
    /// Names of the places on a band scale along y, from the top.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub y_labels: Vec<String>,
    /// The pinned value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub baseline: Option<Baseline>,
    /// The series, in the order of the legend.
    pub series: Vec<SidecarSeries>,
}

/// A chart as a table: the same facts in words and digits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows, each as long as the header; an empty cell is a missing value.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as CSV (RFC 4180). Cells a spreadsheet would run as a formula are quoted with an apostrophe.
    pub fn to_csv(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_cell(&mut out, cell);
            }
            out.push_str("\r\n");
        }
        out
    }
}

fn push_cell(out: &mut String, cell: &str) {
    let is_number = cell.parse::<f64>().is_ok();
    let guard = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = guard || cell.contains([',', '"', '\n', '\r']);
    if !quoted {
        out.push_str(cell);
        return;
    }
    out.push('"');
    if guard {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

/// A value for a table: all its digits, empty where missing.
pub(crate) fn cell(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// A value for JSON: null where missing.
pub(crate) fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_survives_hostile_cells() {
        let table = Table {
            header: vec!["a,b".into()],
            rows: vec![vec!["=1+1".into()], vec!["-3.5".into()], vec!["say \"x\"".into()]],
        };
        assert_eq!(table.to_csv(), "\"a,b\"\r\n\"'=1+1\"\r\n-3.5\r\n\"say \"\"x\"\"\"\r\n");
    }

    #[test]
    fn fields_are_in_camel_case() {
        let json =
            serde_json::to_value(Sidecar { series: vec![SidecarSeries::default()], ..Sidecar::default() })
                .unwrap();
        for key in ["plotRect", "xDomain", "yDomain", "xScale", "yScale", "series"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        for key in ["id", "label", "colorIndex", "x", "y", "lo", "hi"] {
            assert!(json["series"][0].get(key).is_some(), "{key}");
        }
    }
}

//! Charts for a window, and everything a window saves as a file.

use base64::Engine;
use keelmark_charts::{Sidecar, Size, Table};
use serde::Serialize;
use ts_rs::TS;

use super::{ChartArgs, ChartRequest, CompareArgs, Desk, ExportChartArgs, ExportFormat, ExportTheme};
use crate::{By, ChartQuery, Problem};

/// A chart with all that an overlay needs.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ChartAnswer {
    /// The picture: SVG whose colours are the page's own variables.
    pub svg: String,
    /// The numbers behind it.
    pub sidecar: Sidecar,
    /// Its table twin.
    pub table: Table,
    /// What it shows, in words.
    pub description: String,
    /// The axis it is laid along.
    pub by: By,
    /// What cannot be chosen here, and why.
    pub unavailable: Vec<Unavailable>,
    /// The place of the first version shown, where versions were cut by a range.
    pub x_offset: f64,
}

/// A choice that a chart does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Unavailable {
    /// `commit`, `step`, `epoch`, `time`, `wall_time`, `log_x`, `log_y`, `smooth` or `range`.
    pub choice: String,
    /// Why.
    pub why: String,
}

/// A file to save.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ExportedFile {
    /// A name for it.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub base64: String,
}

impl ExportedFile {
    fn new(name: impl Into<String>, mime: &str, bytes: &[u8]) -> Self {
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        Self { name: name.into(), mime: mime.to_owned(), base64 }
    }
}

impl From<ChartRequest> for ChartQuery {
    fn from(asked: ChartRequest) -> Self {
        let whole = Size::default();
        Self {
            metrics: asked.metrics,
            runs: asked.runs,
            labels: asked.labels,
            by: asked.by,
            smooth: asked.smooth,
            log_x: asked.log_x,
            log_y: asked.log_y,
            x_range: asked.x_range,
            y_range: asked.y_range,
            size: Some(Size {
                width: asked.width.unwrap_or(whole.width),
                height: asked.height.unwrap_or(whole.height),
            }),
            model: asked.model,
            revision: asked.revision.unwrap_or_default(),
        }
    }
}

impl Desk {
    pub(crate) fn chart(&self, args: ChartArgs) -> Result<ChartAnswer, Problem> {
        let query = ChartQuery::from(args.query);
        let drawn = self.opened(&args.repo)?.session()?.draw_chart(&query)?;
        Ok(ChartAnswer {
            svg: drawn.picture.svg_for_page(),
            sidecar: drawn.picture.sidecar().clone(),
            description: drawn.picture.description().to_owned(),
            table: drawn.table,
            by: drawn.by,
            unavailable: drawn.unavailable,
            x_offset: drawn.x_offset,
        })
    }

    pub(crate) fn export_chart(&self, args: ExportChartArgs) -> Result<ExportedFile, Problem> {
        let query = ChartQuery::from(args.query);
        let name = query.metrics.join("-").replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let opened = self.opened(&args.repo)?;
        let drawn = opened.session()?.draw_chart(&query)?;
        let theme = match args.theme {
            ExportTheme::Light => keelmark_charts::Theme::Light,
            ExportTheme::Dark => keelmark_charts::Theme::Dark,
        };
        Ok(match args.format {
            ExportFormat::Svg => {
                ExportedFile::new(format!("{name}.svg"), "image/svg+xml", drawn.picture.svg(theme).as_bytes())
            }
            ExportFormat::Png => {
                ExportedFile::new(format!("{name}.png"), "image/png", &drawn.picture.png(theme, 2.0)?)
            }
            ExportFormat::Csv => {
                ExportedFile::new(format!("{name}.csv"), "text/csv", drawn.table.to_csv().as_bytes())
            }
        })
    }

    /// A comparison as a page that stands alone.
    pub(crate) fn report(&self, args: &CompareArgs) -> Result<ExportedFile, Problem> {
        let opened = self.opened(&args.repo)?;
        let page = opened.session()?.report_html(&args.a, &args.b, args.model.as_deref())?;
        let word = |text: &str| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let name = format!("{}-against-{}.html", word(&args.b), word(&args.a));
        Ok(ExportedFile::new(name, "text/html", page.as_bytes()))
    }
}

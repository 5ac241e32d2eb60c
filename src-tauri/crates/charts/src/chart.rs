//! What every chart offers.

use serde::{Deserialize, Serialize};

use crate::{Error, Picture, Sidecar, Table, Theme};

/// The size of a picture in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self { width: 840, height: 440 }
    }
}

impl Size {
    /// The size within what can be laid out: 240–8,000 wide, 120–8,000 high.
    pub(crate) fn sane(self) -> Self {
        Self { width: self.width.clamp(240, 8000), height: self.height.clamp(120, 8000) }
    }
}

/// A chart: lay it out once with [`Chart::picture`] when more than one form is wanted.
pub trait Chart {
    /// The chart laid out.
    fn picture(&self) -> Result<Picture, Error>;

    /// The table twin: the same facts, all of them, as text.
    fn table(&self) -> Table;

    /// The chart as SVG text, complete in itself.
    fn svg(&self, theme: Theme) -> Result<String, Error> {
        Ok(self.picture()?.svg(theme))
    }

    /// The chart as PNG bytes, `scale` device pixels a pixel (0.5 to 8).
    fn png(&self, theme: Theme, scale: f64) -> Result<Vec<u8>, Error> {
        self.picture()?.png(theme, scale)
    }

    /// The numbers behind the picture.
    fn sidecar(&self) -> Result<Sidecar, Error> {
        Ok(self.picture()?.sidecar)
    }
}

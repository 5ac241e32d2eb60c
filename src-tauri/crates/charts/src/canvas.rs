//! Plays a picture through plotters' drawing area onto a backend.
//!
//! plotters passes a backend colours and widths only. What else a backend must know about a mark (its class, its dashes, the group it
//! is in) goes beside it in a [`Pen`] both ends hold.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Once;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, ShapeStyle, TextStyle, register_font,
};
use plotters_backend::{BackendColor, DrawingBackend};

use crate::error::Error;
use crate::font;
use crate::picture::{Anchor, Dash, Look, Mark, Picture};
use crate::tokens::Paint;

/// A group opened or closed between marks.
pub(crate) enum Command {
    Open { class: &'static str, series: Option<(String, String)> },
    Close,
}

/// What a backend must know beside plotters' own arguments.
pub(crate) struct Pen {
    pub(crate) class: Cell<&'static str>,
    pub(crate) dash: Cell<Dash>,
    pub(crate) commands: RefCell<Vec<Command>>,
}

impl Pen {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self { class: Cell::new(""), dash: Cell::new(Dash::Solid), commands: RefCell::default() })
    }
}

/// Draws every mark of `picture`; the backend's size is the picture's in tenths of a pixel.
pub(crate) fn play<B: DrawingBackend>(picture: &Picture, backend: B, pen: &Pen) -> Result<(), Error> {
    static FONT: Once = Once::new();
    // Only plotters' own measuring would miss it, so a font it cannot read is no reason to fail; a test sees that it can.
    FONT.call_once(|| drop(register_font(font::FAMILY, FontStyle::Normal, font::BYTES)));
    let area = backend.into_drawing_area();
    let failed = |what: String| Error::Failed { what };
    for mark in &picture.marks {
        draw(&area, picture, mark, pen).map_err(|error| failed(error.to_string()))?;
    }
    area.present().map_err(|error| failed(error.to_string()))
}

fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    picture: &Picture,
    mark: &Mark,
    pen: &Pen,
) -> Result<(), plotters::drawing::DrawingAreaErrorKind<B::ErrorType>> {
    pen.dash.set(Dash::Solid);
    match mark {
        Mark::Open { class, series } => {
            pen.commands.borrow_mut().push(Command::Open { class, series: series.clone() });
            Ok(())
        }
        Mark::Close => {
            pen.commands.borrow_mut().push(Command::Close);
            Ok(())
        }
        Mark::Line { class, points, stroke } => {
            pen.class.set(class);
            pen.dash.set(stroke.dash);
            let style = ShapeStyle {
                color: color(stroke.paint, stroke.alpha),
                filled: false,
                stroke_width: (stroke.width * 10.0).round() as u32,
            };
            area.draw(&PathElement::new(&picture.points[points.clone()], style))
        }
        Mark::Area { class, points, paint, alpha } => {
            pen.class.set(class);
            area.draw(&Polygon::new(&picture.points[points.clone()], color(*paint, *alpha)))
        }
        Mark::Rect { class, corners, paint, alpha } => {
            pen.class.set(class);
            area.draw(&Rectangle::new(*corners, filled(*paint, *alpha)))
        }
        Mark::Dot { class, center, radius, paint } => {
            pen.class.set(class);
            area.draw(&Circle::new(*center, (radius * 10.0).round() as i32, filled(*paint, 1.0)))
        }
        Mark::Text { class, text, at, look } => {
            pen.class.set(class);
            area.draw(&Text::new(text.as_str(), *at, text_style(look)))
        }
    }
}

/// plotters sees the token's number where it expects a colour; the backends turn it back.
fn color(paint: Paint, alpha: f64) -> RGBAColor {
    RGBAColor(paint.code(), 0, 0, alpha)
}

fn filled(paint: Paint, alpha: f64) -> ShapeStyle {
    ShapeStyle { color: color(paint, alpha), filled: true, stroke_width: 0 }
}

fn text_style(look: &Look) -> TextStyle<'static> {
    let family = if look.mono { FontFamily::Monospace } else { FontFamily::Name(font::FAMILY) };
    let style = if look.bold { FontStyle::Bold } else { FontStyle::Normal };
    let mut described = FontDesc::new(family, look.size * 10.0, style);
    if look.upward {
        described = described.transform(FontTransform::Rotate270);
    }
    let h_pos = match look.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let color = BackendColor { alpha: 1.0, rgb: (look.paint.code(), 0, 0) };
    TextStyle { font: described, color, pos: Pos::new(h_pos, VPos::Bottom) }
}

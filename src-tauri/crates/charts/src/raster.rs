//! The pixel backend: anti-aliased shapes and glyphs, encoded as PNG.

use std::convert::Infallible;
use std::rc::Rc;

use ab_glyph::{Font, Glyph, ScaleFont, point};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use crate::canvas::{Pen, play};
use crate::error::Error;
use crate::font::{font, px_scale};
use crate::picture::{PIXEL_LIMIT, Picture};
use crate::raster_fill::Mask;
use crate::tokens::{Paint, Rgb, Theme};

/// Draws and encodes `picture`, `scale` device pixels a pixel.
pub(crate) fn png(picture: &Picture, theme: Theme, scale: f64) -> Result<Vec<u8>, Error> {
    let scale = if scale.is_finite() { scale.clamp(0.5, 8.0) } else { 1.0 };
    let (width, height) = (f64::from(picture.width) * scale, f64::from(picture.height) * scale);
    if width * height > PIXEL_LIMIT as f64 {
        return Err(Error::TooLarge {
            width: picture.width,
            height: picture.height,
            scale,
            limit: PIXEL_LIMIT,
        });
    }
    let (width, height) = (width.round().max(1.0) as u32, height.round().max(1.0) as u32);
    let Rgb(red, green, blue) = Paint::Canvas.rgb(theme);
    let mut pixels = [red, green, blue].repeat(width as usize * height as usize);
    let pen = Pen::new();
    let backend = RasterBackend {
        pixels: &mut pixels,
        mask: Mask::new(width as usize, height as usize),
        width: width as usize,
        size: (picture.width * 10, picture.height * 10),
        scale: (scale / 10.0) as f32,
        theme,
        pen: Rc::clone(&pen),
    };
    play(picture, backend, &pen)?;
    encode(&pixels, width, height)
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    let failed = |error: png::EncodingError| Error::Failed { what: error.to_string() };
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

struct RasterBackend<'a> {
    pixels: &'a mut [u8],
    mask: Mask,
    width: usize,
    /// In tenths of a pixel.
    size: (u32, u32),
    /// Device pixels a tenth.
    scale: f32,
    theme: Theme,
    pen: Rc<Pen>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl RasterBackend<'_> {
    fn place(&self, (x, y): BackendCoord) -> (f32, f32) {
        (x as f32 * self.scale, y as f32 * self.scale)
    }

    /// Paints what the mask covers.
    fn paint(&mut self, color: BackendColor) {
        let Rgb(red, green, blue) = Paint::from_code(color.rgb.0).rgb(self.theme);
        let alpha = (color.alpha.clamp(0.0, 1.0) * 256.0) as u32;
        let pixels = &mut *self.pixels;
        self.mask.drain(|index, cover| {
            if let Some(pixel) = pixels.get_mut(index * 3..index * 3 + 3) {
                blend(pixel, [red, green, blue], u32::from(cover) * alpha);
            }
        });
    }

    fn dashed(&mut self, points: &[(f32, f32)], width: f32) {
        let pattern = self.pen.dash.get().pattern();
        let unit = self.scale * 10.0;
        if pattern.is_empty() {
            for pair in points.windows(2) {
                self.mask.segment(pair[0], pair[1], width);
            }
            return;
        }
        let (mut part, mut left) = (0, pattern[0] as f32 * unit);
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let at = |along: f32| {
                let share = if length > 0.0 { along / length } else { 0.0 };
                (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
            };
            let mut done = 0.0;
            while done < length {
                let step = left.min(length - done);
                if part % 2 == 0 {
                    self.mask.segment(at(done), at(done + step), width);
                }
                done += step;
                left -= step;
                if left <= 1e-4 {
                    part = (part + 1) % pattern.len();
                    left = pattern[part] as f32 * unit;
                }
            }
        }
    }

    /// Blends one glyph; `turn` makes it read upwards from `origin`.
    fn glyph(&mut self, glyph: Glyph, origin: (f32, f32), turn: bool, color: BackendColor) {
        let Some(outline) = font().outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        let Rgb(red, green, blue) = Paint::from_code(color.rgb.0).rgb(self.theme);
        let (left, top) = (bounds.min.x as i64, bounds.min.y as i64);
        let (origin_x, origin_y) = (origin.0.round() as i64, origin.1.round() as i64);
        let width = self.width.cast_signed() as i64;
        outline.draw(|x, y, cover| {
            let (x, y) = (left + i64::from(x), top + i64::from(y));
            let (x, y) = if turn { (origin_x + y, origin_y - x - 1) } else { (x, y) };
            if x < 0 || x >= width || y < 0 {
                return;
            }
            let index = (y * width + x) as usize * 3;
            if let Some(pixel) = self.pixels.get_mut(index..index + 3) {
                blend(pixel, [red, green, blue], (cover.clamp(0.0, 1.0) * 65_280.0) as u32);
            }
        });
    }
}

/// Mixes a colour in; `weight` of 65,280 is all of it.
fn blend(pixel: &mut [u8], color: [u8; 3], weight: u32) {
    for (old, new) in pixel.iter_mut().zip(color) {
        let mixed = u32::from(*old) * (65_280 - weight) + u32::from(new) * weight;
        *old = ((mixed + 32_640) / 65_280) as u8;
    }
}

impl DrawingBackend for RasterBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            self.fill_polygon(corners, style)
        } else {
            self.draw_path(corners.into_iter().chain([(left, top)]), style)
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<_> = path.into_iter().map(|point| self.place(point)).collect();
        let width = style.stroke_width() as f32 * self.scale;
        self.dashed(&points, width);
        self.paint(style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let center = self.place(center);
        self.mask.circle(center, radius as f32 * self.scale);
        self.paint(style.color());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let corners: Vec<_> = vert.into_iter().map(|point| self.place(point)).collect();
        self.mask.polygon(&corners);
        self.paint(style.color());
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let (x, y) = self.place(at);
        let size = style.size() * f64::from(self.scale);
        let scale = px_scale(size);
        let scaled = font().as_scaled(scale);
        let shown = |character: char| if character.is_control() { '\u{fffd}' } else { character };
        let advance = |character: char| scaled.h_advance(scaled.glyph_id(shown(character)));
        let bold = matches!(style.style(), FontStyle::Bold);
        let width: f32 = text.chars().map(advance).sum();
        let mut pen_x = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let turn = matches!(style.transform(), FontTransform::Rotate270);
        // One weight is bundled: the bolder one is the same glyph again a hair to the right.
        let shifts: &[f32] = if bold { &[0.0, 0.035] } else { &[0.0] };
        for character in text.chars() {
            for shift in shifts {
                let offset = pen_x + shift * size as f32;
                let position = if turn { point(offset, 0.0) } else { point(x + offset, y.round()) };
                let glyph = scaled.glyph_id(shown(character)).with_scale_and_position(scale, position);
                self.glyph(glyph, (x, y), turn, style.color());
            }
            pen_x += advance(character);
        }
        Ok(())
    }
}

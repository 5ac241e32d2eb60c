//! The SVG backend: tenths of a pixel, classes, tokens as CSS variables, text as text.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle, FontTransform,
};

use crate::canvas::{Command, Pen, play};
use crate::number::{push_tenths, push_trimmed};
use crate::picture::Picture;
use crate::tokens::{Paint, Theme, css_variables, tokens};

/// Writes `picture` as a document of its own.
pub(crate) fn write(picture: &Picture, theme: Theme) -> String {
    written(picture, theme, true)
}

/// Writes `picture` for a page that has the variables and forbids style elements.
pub(crate) fn write_for_page(picture: &Picture) -> String {
    written(picture, Theme::Auto, false)
}

fn written(picture: &Picture, theme: Theme, with_style: bool) -> String {
    let pen = Pen::new();
    let mut body = String::with_capacity(4096 + picture.points.len() * 12);
    let mut used = [[false; 2]; 32];
    let backend = SvgBackend {
        out: &mut body,
        used: &mut used,
        size: (picture.width * 10, picture.height * 10),
        theme,
        pen: Rc::clone(&pen),
    };
    play(picture, backend, &pen).expect("the backend writes to memory and has no failure of its own");
    let mut out = String::with_capacity(body.len() + 4096);
    head(&mut out, picture);
    if with_style {
        style(&mut out, theme, &used);
    }
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

/// What the picture is called and shows.
fn head(out: &mut String, picture: &Picture) {
    let (width, height) = (picture.width, picture.height);
    write_to(
        out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"keelmark-chart\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{}\">\n<title>",
            family("text")
        ),
    );
    push_escaped(out, &picture.title);
    out.push_str("</title>\n<desc>");
    push_escaped(out, &picture.description);
    out.push_str("</desc>\n");
}

fn family(name: &str) -> &'static str {
    tokens().family.get(name).map_or("sans-serif", String::as_str)
}

/// The class rules give a plain colour first, for readers without CSS variables; in a page the variables are the page's own, and where it
/// forbids style elements the attributes still name them.
fn style(out: &mut String, theme: Theme, used: &[[bool; 2]; 32]) {
    out.push_str("<style>");
    let first = if theme == Theme::Dark { Theme::Dark } else { Theme::Light };
    write_to(out, format_args!("svg:root{{{}}}", css_variables(first)));
    if theme == Theme::Auto {
        let dark = css_variables(Theme::Dark);
        write_to(out, format_args!("@media (prefers-color-scheme:dark){{svg:root{{{dark}}}}}"));
    }
    out.push_str(".keelmark-chart text{font-variant-numeric:tabular-nums}");
    write_to(out, format_args!(".keelmark-chart .k-mono{{font-family:{}}}", family("mono")));
    for paint in Paint::all() {
        let (name, plain) = (paint.name(), paint.rgb(theme));
        for (kind, property) in [("kf", "fill"), ("ks", "stroke")] {
            if used[usize::from(paint.code())][usize::from(kind == "ks")] {
                write_to(
                    out,
                    format_args!(".{kind}-{name}{{{property}:{plain};{property}:var(--{name},{plain})}}"),
                );
            }
        }
    }
    out.push_str("</style>\n");
}

fn write_to(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}

/// Escapes for text and attributes; what XML or a reader's eye must not meet becomes U+FFFD.
fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // Not allowed in XML, or able to turn the reading direction of what stands around it.
            '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            control if control.is_control() => out.push('\u{fffd}'),
            plain => out.push(plain),
        }
    }
}

struct SvgBackend<'a> {
    out: &'a mut String,
    /// Which paints were used to fill and to stroke, by code.
    used: &'a mut [[bool; 2]; 32],
    size: (u32, u32),
    theme: Theme,
    pen: Rc<Pen>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl SvgBackend<'_> {
    /// Writes the groups opened and closed since the last mark.
    fn groups(&mut self) {
        for command in self.pen.commands.borrow_mut().drain(..) {
            match command {
                Command::Close => self.out.push_str("</g>\n"),
                Command::Open { class, series } => {
                    write_to(self.out, format_args!("<g class=\"{class}\""));
                    if let Some((id, label)) = series {
                        self.out.push_str(" data-series=\"");
                        push_escaped(self.out, &id);
                        self.out.push_str("\" data-label=\"");
                        push_escaped(self.out, &label);
                        self.out.push('"');
                    }
                    self.out.push_str(">\n");
                }
            }
        }
    }

    /// `class`, paint and opacity of a shape.
    fn look(&mut self, color: BackendColor, stroke: bool, extra_class: &str) {
        let paint = Paint::from_code(color.rgb.0);
        self.used[usize::from(paint.code())][usize::from(stroke)] = true;
        let (kind, property) = if stroke { ("ks", "stroke") } else { ("kf", "fill") };
        let (class, name, plain) = (self.pen.class.get(), paint.name(), paint.rgb(self.theme));
        write_to(
            self.out,
            format_args!(
                " class=\"{class} {kind}-{name}{extra_class}\" {property}=\"var(--{name},{plain})\""
            ),
        );
        if color.alpha < 1.0 {
            write_to(self.out, format_args!(" {property}-opacity=\""));
            push_trimmed(self.out, color.alpha, 3);
            self.out.push('"');
        }
    }

    fn points<I: IntoIterator<Item = BackendCoord>>(&mut self, points: I) {
        self.out.push_str(" points=\"");
        let mut first = true;
        for (x, y) in points {
            if !first {
                self.out.push(' ');
            }
            first = false;
            push_tenths(self.out, x);
            self.out.push(',');
            push_tenths(self.out, y);
        }
        self.out.push('"');
    }

    fn attribute(&mut self, name: &str, tenths: i32) {
        write_to(self.out, format_args!(" {name}=\""));
        push_tenths(self.out, tenths);
        self.out.push('"');
    }

    fn stroke(&mut self, style: &impl BackendStyle) {
        self.look(style.color(), true, "");
        self.attribute("stroke-width", style.stroke_width().cast_signed());
        let pattern = self.pen.dash.get().pattern();
        if !pattern.is_empty() {
            self.out.push_str(" stroke-dasharray=\"");
            for (index, length) in pattern.iter().enumerate() {
                if index > 0 {
                    self.out.push(' ');
                }
                push_trimmed(self.out, *length, 1);
            }
            self.out.push('"');
        }
    }
}

impl DrawingBackend for SvgBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.groups();
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
        self.groups();
        self.out.push_str("<rect");
        self.attribute("x", left.min(right));
        self.attribute("y", top.min(bottom));
        self.attribute("width", (right - left).abs());
        self.attribute("height", (bottom - top).abs());
        if fill {
            self.look(style.color(), false, "");
        } else {
            self.out.push_str(" fill=\"none\"");
            self.stroke(style);
        }
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.groups();
        let mut path = path.into_iter();
        let is_curve = matches!(self.pen.class.get(), "k-line" | "k-raw");
        if is_curve {
            self.out.push_str("<polyline fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
            self.stroke(style);
            self.points(path);
        } else if let (Some(from), Some(to)) = (path.next(), path.next()) {
            self.out.push_str("<line");
            self.attribute("x1", from.0);
            self.attribute("y1", from.1);
            self.attribute("x2", to.0);
            self.attribute("y2", to.1);
            self.stroke(style);
        } else {
            return Ok(());
        }
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.groups();
        self.out.push_str("<circle");
        self.attribute("cx", center.0);
        self.attribute("cy", center.1);
        self.attribute("r", radius.cast_signed());
        if fill {
            self.look(style.color(), false, "");
        } else {
            self.out.push_str(" fill=\"none\"");
            self.stroke(style);
        }
        self.out.push_str("/>\n");
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        self.groups();
        self.out.push_str("<polygon");
        self.look(style.color(), false, "");
        self.points(vert);
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        self.groups();
        self.out.push_str("<text");
        self.attribute("x", x);
        self.attribute("y", y);
        self.attribute("font-size", style.size().round() as i32);
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => self.out.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.out.push_str(" text-anchor=\"end\""),
        }
        if matches!(style.style(), FontStyle::Bold) {
            self.out.push_str(" font-weight=\"600\"");
        }
        if matches!(style.transform(), FontTransform::Rotate270) {
            self.out.push_str(" transform=\"rotate(-90 ");
            push_tenths(self.out, x);
            self.out.push(' ');
            push_tenths(self.out, y);
            self.out.push_str(")\"");
        }
        let mono = matches!(style.family(), FontFamily::Monospace);
        self.look(style.color(), false, if mono { " k-mono" } else { "" });
        self.out.push('>');
        push_escaped(self.out, text);
        self.out.push_str("</text>\n");
        Ok(())
    }
}

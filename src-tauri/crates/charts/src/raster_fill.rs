//! Coverage of shapes, pixel by pixel: what makes edges smooth.

/// A coverage mask over the whole picture, with the part that is in use.
pub(crate) struct Mask {
    width: usize,
    height: usize,
    cover: Vec<u8>,
    /// First and last (exclusive) column of what may not be zero, a row; empty where first is not before last.
    dirty: Vec<(u32, u32)>,
}

type Point = (f32, f32);

impl Mask {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, cover: vec![0; width * height], dirty: vec![(u32::MAX, 0); height] }
    }

    fn touch(&mut self, row: usize, left: usize, right: usize) {
        let span = &mut self.dirty[row];
        *span = (span.0.min(left as u32), span.1.max(right as u32));
    }

    /// The pixels a box with soft edges can reach; `None` where it is outside.
    fn reach(&self, left: f32, top: f32, right: f32, bottom: f32) -> Option<[usize; 4]> {
        let end = |value: f32, limit: usize| (value.ceil().max(0.0) as usize).min(limit);
        let reach = [
            left.floor().max(0.0) as usize,
            top.floor().max(0.0) as usize,
            end(right, self.width),
            end(bottom, self.height),
        ];
        (reach[0] < reach[2] && reach[1] < reach[3]).then_some(reach)
    }

    /// Adds a line of some width with round ends. Where lines overlap the stronger coverage counts, so joints do not darken.
    pub(crate) fn segment(&mut self, from: Point, to: Point, width: f32) {
        let half = (width / 2.0).max(0.5);
        let strength = (width.min(1.0) * 255.0).max(0.0);
        let soft = half + 0.5;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length_squared = dx * dx + dy * dy;
        let (min_x, max_x) = (from.0.min(to.0) - soft, from.0.max(to.0) + soft);
        let Some(reach) = self.reach(min_x, from.1.min(to.1) - soft, max_x, from.1.max(to.1) + soft) else {
            return;
        };
        // How far to each side of its middle a row can be covered.
        let spread = if dy.abs() > 1e-3 { soft * length_squared.sqrt() / dy.abs() } else { f32::INFINITY };
        let inverse = if length_squared > 1e-12 { 1.0 / length_squared } else { 0.0 };
        let per_length = inverse.sqrt();
        for row in reach[1]..reach[3] {
            let y = row as f32 + 0.5 - from.1;
            let (mut left, mut right) = (reach[0], reach[2]);
            if spread.is_finite() {
                let middle = from.0 + y * dx / dy;
                left = left.max((middle - spread).floor().max(0.0) as usize);
                right = right.min((middle + spread).ceil().max(0.0) as usize);
            }
            if left >= right {
                continue;
            }
            self.touch(row, left, right);
            for column in left..right {
                let x = column as f32 + 0.5 - from.0;
                let along = (x * dx + y * dy) * inverse;
                let distance = if inverse > 0.0 && (0.0..=1.0).contains(&along) {
                    (x * dy - y * dx).abs() * per_length
                } else {
                    let end = along.clamp(0.0, 1.0);
                    let (off_x, off_y) = (x - end * dx, y - end * dy);
                    (off_x * off_x + off_y * off_y).sqrt()
                };
                let cover = (soft - distance).clamp(0.0, 1.0);
                let at = &mut self.cover[row * self.width + column];
                *at = (*at).max((cover * strength) as u8);
            }
        }
    }

    /// Adds a filled circle.
    pub(crate) fn circle(&mut self, center: Point, radius: f32) {
        self.segment(center, center, radius * 2.0);
    }

    /// Adds a filled polygon (non-zero winding), four lines a pixel with exact ends.
    pub(crate) fn polygon(&mut self, corners: &[Point]) {
        const LINES: usize = 4;
        let bounds = corners.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |b, &(x, y)| {
            [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)]
        });
        let Some(reach) = self.reach(bounds[0], bounds[1], bounds[2], bounds[3]) else { return };
        let mut crossings: Vec<Vec<(f32, i32)>> = vec![Vec::new(); (reach[3] - reach[1]) * LINES];
        for (index, &from) in corners.iter().enumerate() {
            let to = corners[(index + 1) % corners.len()];
            if from.1.total_cmp(&to.1).is_eq() {
                continue;
            }
            let (upper, lower, turn) = if from.1 < to.1 { (from, to, 1) } else { (to, from, -1) };
            let line_of = |y: f32| ((y - reach[1] as f32) * LINES as f32 - 0.5).ceil().max(0.0) as usize;
            let last = line_of(lower.1).min(crossings.len());
            for (line, crossing) in crossings.iter_mut().enumerate().take(last).skip(line_of(upper.1)) {
                let y = reach[1] as f32 + (line as f32 + 0.5) / LINES as f32;
                let x = upper.0 + (y - upper.1) * (lower.0 - upper.0) / (lower.1 - upper.1);
                crossing.push((x, turn));
            }
        }
        let mut row_cover = vec![0.0_f32; self.width];
        for row in reach[1]..reach[3] {
            row_cover[reach[0]..reach[2]].fill(0.0);
            for line in 0..LINES {
                let crossing = &mut crossings[(row - reach[1]) * LINES + line];
                crossing.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut winding = 0;
                for pair in 0..crossing.len().saturating_sub(1) {
                    winding += crossing[pair].1;
                    if winding != 0 {
                        span(&mut row_cover, crossing[pair].0, crossing[pair + 1].0, 1.0 / LINES as f32);
                    }
                }
            }
            self.touch(row, reach[0], reach[2]);
            let start = row * self.width;
            let covers = &mut self.cover[start + reach[0]..start + reach[2]];
            for (at, cover) in covers.iter_mut().zip(&row_cover[reach[0]..reach[2]]) {
                *at = (*at).max((cover.min(1.0) * 255.0) as u8);
            }
        }
    }

    /// Hands out every covered pixel as (index, coverage) and leaves the mask empty.
    pub(crate) fn drain(&mut self, mut paint: impl FnMut(usize, u8)) {
        for (row, span) in self.dirty.iter_mut().enumerate() {
            let (left, right) = std::mem::replace(span, (u32::MAX, 0));
            for column in left..right {
                let index = row * self.width + column as usize;
                let cover = std::mem::take(&mut self.cover[index]);
                if cover > 0 {
                    paint(index, cover);
                }
            }
        }
    }
}

/// Adds a horizontal stretch to a row of coverage.
fn span(row: &mut [f32], left: f32, right: f32, weight: f32) {
    let (left, right) = (left.max(0.0), right.min(row.len() as f32));
    if left >= right {
        return;
    }
    let (first, last) = (left as usize, (right.ceil() as usize).min(row.len()));
    for (offset, cover) in row[first..last].iter_mut().enumerate() {
        let start = (first + offset) as f32;
        *cover += weight * (right.min(start + 1.0) - left.max(start)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(mask: &mut Mask) -> f64 {
        let mut total = 0.0;
        mask.drain(|_, cover| total += f64::from(cover) / 255.0);
        total
    }

    #[test]
    fn coverage_adds_up_to_the_area() {
        let mut mask = Mask::new(40, 40);
        mask.polygon(&[(2.25, 3.5), (12.25, 3.5), (12.25, 9.5), (2.25, 9.5)]);
        assert!((sum(&mut mask) - 60.0).abs() < 1.5, "a 10 × 6 box");
        mask.circle((20.0, 20.0), 8.0);
        assert!((sum(&mut mask) - 201.0).abs() < 6.0, "a circle of radius 8");
        mask.segment((5.0, 20.5), (35.0, 20.5), 1.0);
        assert!((sum(&mut mask) - 30.0).abs() < 2.0, "a thin line");
        assert!(sum(&mut mask) == 0.0, "empty after use");
    }

    #[test]
    fn shapes_outside_are_nothing() {
        let mut mask = Mask::new(10, 10);
        mask.segment((-50.0, -50.0), (-20.0, -20.0), 3.0);
        mask.polygon(&[(100.0, 100.0), (110.0, 100.0), (105.0, 120.0)]);
        assert!(sum(&mut mask) == 0.0);
        mask.segment((-1e7, 5.0), (1e7, 5.0), 1.0);
        assert!(sum(&mut mask) > 5.0, "what crosses is drawn where it crosses");
    }
}

//! Cuts lines at the edges of the plot.

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Bounds {
    pub(crate) fn contains(&self, (x, y): (f64, f64)) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }
}

type Point = (f64, f64);

/// The pieces of a line that lie inside.
pub(crate) fn clip_line(points: &[Point], bounds: &Bounds) -> Vec<Vec<Point>> {
    if points.iter().all(|point| bounds.contains(*point)) {
        return vec![points.to_vec()];
    }
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to, ends_inside)) = clip_segment(pair[0], pair[1], bounds) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        open = ends_inside;
    }
    pieces
}

/// The part of a segment inside, and whether its end is.
fn clip_segment(from: Point, to: Point, bounds: &Bounds) -> Option<(Point, Point, bool)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    let edges = [
        (-dx, from.0 - bounds.left),
        (dx, bounds.right - from.0),
        (-dy, from.1 - bounds.top),
        (dy, bounds.bottom - from.1),
    ];
    for (towards, room) in edges {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            start = start.max(room / towards);
        } else {
            end = end.min(room / towards);
        }
    }
    if start > end {
        return None;
    }
    let at = |share: f64| (from.0 + dx * share, from.1 + dy * share);
    let first = if start > 0.0 { at(start) } else { from };
    let last = if end < 1.0 { at(end) } else { to };
    Some((first, last, end >= 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Bounds = Bounds { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let pieces = clip_line(&[(1.0, 5.0), (5.0, -5.0), (9.0, 5.0)], &BOX);
        assert_eq!(pieces, [vec![(1.0, 5.0), (3.0, 0.0)], vec![(7.0, 0.0), (9.0, 5.0)]]);
    }

    #[test]
    fn inside_stays_whole_and_outside_goes() {
        let inside = [(1.0, 1.0), (2.0, 3.0)];
        assert_eq!(clip_line(&inside, &BOX), [inside.to_vec()]);
        assert!(clip_line(&[(-5.0, -1.0), (20.0, -2.0)], &BOX).is_empty());
    }
}

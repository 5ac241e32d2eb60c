//! The file of a metric: a line a sample.

use keelmark_types::Timestamp;

use crate::Unreadable;

/// The largest file of a metric that is read; what comes after it is left out.
pub const MAX_METRIC_BYTES: usize = 64 << 20;

/// The most samples that are read of a metric; what comes after them is left out.
pub const MAX_SAMPLES: usize = 1_000_000;

/// The most problems that are told of a file.
const MAX_PROBLEMS: usize = 20;

/// A value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When it was logged.
    pub at: Timestamp,
    /// The value, which may be infinite or not a number.
    pub value: f64,
    /// The step of the training; 0 where none was given.
    pub step: i64,
    /// The data set it was measured on, where that was said.
    pub dataset: Option<String>,
    /// The digest of that data set.
    pub digest: Option<String>,
}

/// All values of a metric.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// In the order of the file, which is the order of logging.
    pub samples: Vec<Sample>,
    /// Lines that could not be read; the first ones, where there are many.
    pub problems: Vec<Unreadable>,
}

/// Reads `metrics/<key>`: lines of `<milliseconds> <value>`, `<milliseconds> <value> <step>`, or
/// `<milliseconds> <value> <step> <data set> <digest>`. Lines that are none of these are told, and the others read.
///
/// `MLflow` itself forgets the step of lines with a data set; here it is what the line says.
pub fn metric_history(bytes: &[u8]) -> History {
    let mut history = History::default();
    let bytes = if bytes.len() > MAX_METRIC_BYTES {
        let why = format!("it is larger than {MAX_METRIC_BYTES} bytes; what comes after them was left out");
        history.problems.push(Unreadable::whole(why));
        let kept = &bytes[..MAX_METRIC_BYTES];
        // Not to take half a line for a line.
        &kept[..kept.iter().rposition(|&byte| byte == b'\n').unwrap_or(0)]
    } else {
        bytes
    };
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if lines.is_empty() {
        history.problems.push(Unreadable::whole("it has no values"));
        return history;
    }
    let mut broken = 0_usize;
    for (line, text) in (1_u64..).zip(lines.split(|&byte| byte == b'\n')) {
        if history.samples.len() == MAX_SAMPLES {
            let why = format!("it has more than {MAX_SAMPLES} values; what comes after them was left out");
            history.problems.push(Unreadable::at(line, why));
            break;
        }
        match read_line(text) {
            Ok(sample) => history.samples.push(sample),
            Err(why) => {
                broken += 1;
                if broken <= MAX_PROBLEMS {
                    history.problems.push(Unreadable::at(line, why));
                }
            }
        }
    }
    if broken > MAX_PROBLEMS {
        history.problems.push(Unreadable::whole(format!("{broken} lines cannot be read")));
    }
    history
}

/// The last value, as `MLflow` has it: the largest by step, then time, then value. Of a value that is no number and
/// one that is, both of one step and time, the earlier in the file.
pub fn latest(samples: &[Sample]) -> Option<&Sample> {
    let place = |sample: &Sample| (sample.step, sample.at);
    samples.iter().reduce(|last, next| {
        let later = place(next) > place(last) || (place(next) == place(last) && next.value > last.value);
        if later { next } else { last }
    })
}

fn read_line(line: &[u8]) -> Result<Sample, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("it is not UTF-8 ({error})"))?.trim();
    let mut parts = [""; 5];
    let mut count = 0;
    for part in text.split(' ') {
        *parts.get_mut(count).ok_or("it has more than 5 fields")? = part;
        count += 1;
    }
    if !matches!(count, 2 | 3 | 5) {
        return Err(format!("it has {count} fields, and not 2, 3 or 5"));
    }
    let [millis, value, step, dataset, digest] = parts;
    let at = millis.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let said = |text: &str| (count == 5).then(|| text.to_owned());
    Ok(Sample {
        at: at.ok_or_else(|| format!("`{}` is no time in milliseconds", shorten(millis)))?,
        value: value.parse().map_err(|_| format!("`{}` is no number", shorten(value)))?,
        step: if count == 2 {
            0
        } else {
            step.parse().map_err(|_| format!("`{}` is no step", shorten(step)))?
        },
        dataset: said(dataset),
        digest: said(digest),
    })
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

//! Numbers into text: coordinates fast, labels for people.

/// Appends tenths as a decimal number: `123` is `12.3`, `-40` is `-4`.
pub(crate) fn push_tenths(out: &mut String, tenths: i32) {
    let mut digits = [0u8; 12];
    let mut at = digits.len();
    let mut rest = tenths.unsigned_abs();
    let last = rest % 10;
    rest /= 10;
    if last != 0 {
        at -= 2;
        digits[at] = b'.';
        digits[at + 1] = b'0' + last as u8;
    }
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if tenths < 0 {
        out.push('-');
    }
    for &digit in &digits[at..] {
        out.push(char::from(digit));
    }
}

/// Appends a finite number with at most `decimals` decimals and no trailing zeros.
pub(crate) fn push_trimmed(out: &mut String, value: f64, decimals: usize) {
    out.push_str(trim_zeros(&format!("{value:.decimals$}")));
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A number for people: about `significant` digits, a true minus, thousands in groups, powers of ten where it is far from 1.
pub(crate) fn label(value: f64, significant: usize) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..7.0).contains(&magnitude) || !value.is_finite() {
        return scientific(value, significant.saturating_sub(1));
    }
    let decimals = (significant as f64 - 1.0 - magnitude).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.decimals$}");
    signed(trim_zeros(&text))
}

/// A number with exactly `decimals` decimals, for labels that stand in one column.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    // A small negative that rounds to nothing is nothing.
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|character| matches!(character, '0' | '.'));
    signed(if zero { text.trim_start_matches('-') } else { &text })
}

/// A change with its sign, `+` as well: `+0.027`.
pub(crate) fn change(value: f64, significant: usize) -> String {
    let text = label(value, significant);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// `1.5e−7`, in plain digits.
pub(crate) fn scientific(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "∞".to_owned() } else { "−∞".to_owned() };
    }
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", trim_zeros(mantissa)).replace('-', "−")
}

fn signed(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("−", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_written_as_decimals() {
        for (tenths, text) in
            [(0, "0"), (5, "0.5"), (-5, "-0.5"), (123, "12.3"), (-40, "-4"), (i32::MIN, "-214748364.8")]
        {
            let mut out = String::new();
            push_tenths(&mut out, tenths);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn labels_read_well() {
        let read = |value| label(value, 4);
        assert_eq!(read(0.93512), "0.9351");
        assert_eq!(read(-12345.0), "−12,345");
        assert_eq!(read(100_000.0), "100,000");
        assert_eq!(read(1.5e-7), "1.5e−7");
        assert_eq!(read(2e9), "2e9");
        assert_eq!(read(f64::NAN), "–", "missing is not zero");
        assert_eq!(change(0.027, 3), "+0.027");
        assert_eq!(fixed(-0.0001, 2), "0.00");
        assert_eq!(label(f64::MAX, 3), "1.8e308");
    }
}

//! A tensor of one number.

use crate::Unreadable;
use crate::protobuf::{Message, Value};

/// The number of a tensor that has one, or why it is none.
pub(super) fn single(message: Message<'_>) -> Result<Result<f64, String>, Unreadable> {
    let (mut kind, mut elements, mut content) = (0, 1_u64, None);
    // The numbers as fields, one or several a field.
    let mut listed: Option<Listed<'_>> = None;
    message.each(|field| {
        match field.number {
            1 => kind = field.number()?,
            2 => {
                field.message()?.each(|field| {
                    let mut length = 0;
                    if field.number == 2 {
                        field.message()?.each(|field| {
                            if field.number == 1 {
                                length = field.number()?;
                            }
                            Ok(())
                        })?;
                        elements = elements.saturating_mul(length);
                    }
                    Ok(())
                })?;
            }
            4 => content = Some(field.message()?.bytes()).filter(|bytes| !bytes.is_empty()),
            5..=17 if listed.is_none() => listed = Some(Listed { field: field.number, value: field.value }),
            _ => {}
        }
        Ok(())
    })?;
    if elements != 1 {
        return Ok(Err(format!("is a tensor of {elements} numbers")));
    }
    let Some(kind) = Kind::of(kind) else { return Ok(Err("is no number".to_owned())) };
    let number = match (content, listed) {
        (Some(content), _) => kind.of_bytes(content),
        (None, Some(listed)) => listed.number(kind)?,
        (None, None) => None,
    };
    Ok(number.ok_or_else(|| "has no number in it".to_owned()))
}

struct Listed<'a> {
    field: u32,
    value: Value<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float,
    Double,
    Half,
    BrainHalf,
    Signed(usize),
    Unsigned(usize),
}

impl Kind {
    /// By the number of its type.
    fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Float,
            2 => Self::Double,
            3 => Self::Signed(4),
            4 | 10 => Self::Unsigned(1),
            5 => Self::Signed(2),
            6 => Self::Signed(1),
            9 => Self::Signed(8),
            14 => Self::BrainHalf,
            17 => Self::Unsigned(2),
            19 => Self::Half,
            22 => Self::Unsigned(4),
            23 => Self::Unsigned(8),
            _ => return None,
        })
    }

    /// The field its numbers are listed in.
    fn field(self) -> u32 {
        match self {
            Self::Float => 5,
            Self::Double => 6,
            Self::Half | Self::BrainHalf => 13,
            Self::Signed(8) => 10,
            Self::Unsigned(4) => 16,
            Self::Unsigned(8) => 17,
            Self::Signed(_) | Self::Unsigned(_) => 7,
        }
    }

    fn size_bytes(self) -> usize {
        match self {
            Self::Float => 4,
            Self::Double => 8,
            Self::Half | Self::BrainHalf => 2,
            Self::Signed(size) | Self::Unsigned(size) => size,
        }
    }

    fn of_bytes(self, bytes: &[u8]) -> Option<f64> {
        if bytes.len() != self.size_bytes() {
            return None;
        }
        let mut wide = [0; 8];
        wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(self.of_bits(u64::from_le_bytes(wide)))
    }

    fn of_bits(self, bits: u64) -> f64 {
        match self {
            Self::Float => f32::from_bits(bits as u32).into(),
            Self::Double => f64::from_bits(bits),
            Self::Half => half(bits as u16),
            Self::BrainHalf => f32::from_bits((bits as u32) << 16).into(),
            Self::Signed(size) => {
                let unused = 64 - 8 * size.min(8) as u32;
                ((bits << unused).cast_signed() >> unused) as f64
            }
            Self::Unsigned(_) => bits as f64,
        }
    }
}

impl Listed<'_> {
    fn number(&self, kind: Kind) -> Result<Option<f64>, Unreadable> {
        // Truth values have a field of their own.
        let is_own = self.field == kind.field() || (self.field == 11 && kind == Kind::Unsigned(1));
        if !is_own {
            return Ok(None);
        }
        Ok(Some(match &self.value {
            Value::Fixed32(bytes) if kind == Kind::Float => kind.of_bits(u32::from_le_bytes(*bytes).into()),
            Value::Fixed64(bytes) if kind == Kind::Double => kind.of_bits(u64::from_le_bytes(*bytes)),
            Value::Number(number) => kind.of_bits(*number),
            Value::Bytes(packed) if matches!(kind, Kind::Float | Kind::Double) => {
                return Ok(kind.of_bytes(packed.bytes()));
            }
            Value::Bytes(packed) if !packed.bytes().is_empty() => kind.of_bits(packed.clone().number()?),
            _ => return Ok(None),
        }))
    }
}

/// A number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        31 if fraction > 0.0 => f64::NAN,
        31 => f64::INFINITY,
        _ => (1024.0 + fraction) * 2.0_f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width() {
        let of = |number, bytes: &[u8]| Kind::of(number).expect("a type").of_bytes(bytes);
        assert_eq!(of(1, &1.5_f32.to_le_bytes()), Some(1.5));
        assert_eq!(of(2, &0.1_f64.to_le_bytes()), Some(0.1));
        assert_eq!(of(3, &(-7_i32).to_le_bytes()), Some(-7.0));
        assert_eq!(of(6, &[0xff]), Some(-1.0));
        assert_eq!(of(9, &i64::MIN.to_le_bytes()), Some(-9_223_372_036_854_775_808.0));
        assert_eq!(of(23, &u64::MAX.to_le_bytes()), Some(18_446_744_073_709_551_615.0));
        assert_eq!(of(19, &[0x00, 0x3c]), Some(1.0));
        assert_eq!(of(19, &[0xff, 0xfb]), Some(-65504.0));
        assert_eq!(of(19, &[0x01, 0x00]), Some(2.0_f64.powi(-24)));
        assert!(of(19, &[0x01, 0x7c]).is_some_and(f64::is_nan));
        assert_eq!(of(14, &[0x80, 0x3f]), Some(1.0));
        assert_eq!(of(3, &[1, 2]), None, "of another width");
        assert!(Kind::of(7).is_none(), "a text");
    }
}

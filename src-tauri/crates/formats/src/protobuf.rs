//! Protocol buffers, read a field at a time without a schema and without copying.

use crate::Unreadable;

/// The fields of one message, in the order they were written.
#[derive(Debug, Clone)]
pub(crate) struct Message<'a> {
    rest: &'a [u8],
    /// Where `rest` begins, counted from the beginning of the file.
    at: u64,
}

/// One field: its number and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    pub number: u32,
    pub value: Value<'a>,
    /// Where the field begins, counted from the beginning of the file.
    pub at: u64,
}

/// What a field holds, as far as the bytes alone tell.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Number(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(Message<'a>),
}

impl<'a> Message<'a> {
    /// The message that `bytes` are, which begin at byte `at` of their file.
    pub(crate) fn new(bytes: &'a [u8], at: u64) -> Self {
        Self { rest: bytes, at }
    }

    /// What is left of it.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.rest
    }

    /// The next field; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, Unreadable> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let key = self.number()?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0);
        let number = number.ok_or_else(|| Unreadable::at_byte(at, "there is no field of this number"))?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => Value::Fixed64(self.fixed()?),
            2 => {
                let length = self.number()?;
                let begins = self.at;
                let taken = usize::try_from(length).ok().and_then(|length| self.take(length));
                let ends_early =
                    || Unreadable::at_byte(at, format!("{length} bytes are said to follow, and do not"));
                Value::Bytes(Self::new(taken.ok_or_else(ends_early)?, begins))
            }
            5 => Value::Fixed32(self.fixed()?),
            kind => return Err(Unreadable::at_byte(at, format!("there is no field of kind {kind}"))),
        };
        Ok(Some(Field { number, value, at }))
    }

    /// Calls `each` with every field.
    pub(crate) fn each(
        mut self,
        mut each: impl FnMut(Field<'a>) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        while let Some(field) = self.next()? {
            each(field)?;
        }
        Ok(())
    }

    /// A number of variable length; the numbers of a packed list follow each other.
    pub(crate) fn number(&mut self) -> Result<u64, Unreadable> {
        let at = self.at;
        let mut number = 0_u64;
        for place in 0..10_u32 {
            let Some([byte]) = self.take(1) else {
                return Err(Unreadable::at_byte(at, "it ends within a number"));
            };
            let bits = u64::from(byte & 0x7f);
            // Of the tenth byte one bit is left.
            if place == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unreadable::at_byte(at, "a number is longer than 64 bits"))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let at = self.at;
        let taken = self.take(N).and_then(|bytes| bytes.try_into().ok());
        taken.ok_or_else(|| Unreadable::at_byte(at, "it ends within a number"))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.at += length as u64;
        Some(taken)
    }
}

impl<'a> Field<'a> {
    /// The message in it.
    pub(crate) fn message(&self) -> Result<Message<'a>, Unreadable> {
        match &self.value {
            Value::Bytes(message) => Ok(message.clone()),
            _ => Err(self.is_no("message")),
        }
    }

    /// The text in it.
    pub(crate) fn text(&self) -> Result<&'a str, Unreadable> {
        std::str::from_utf8(self.message()?.bytes()).map_err(|_| self.is_no("text in UTF-8"))
    }

    /// The number in it.
    pub(crate) fn number(&self) -> Result<u64, Unreadable> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => Err(self.is_no("whole number")),
        }
    }

    /// The signed number in it.
    pub(crate) fn signed(&self) -> Result<i64, Unreadable> {
        self.number().map(u64::cast_signed)
    }

    /// The number of 32 bits, floating, in it.
    pub(crate) fn float(&self) -> Result<f32, Unreadable> {
        match self.value {
            Value::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(self.is_no("number of 32 bits")),
        }
    }

    /// The number of 64 bits, floating, in it.
    pub(crate) fn double(&self) -> Result<f64, Unreadable> {
        match self.value {
            Value::Fixed64(bytes) => Ok(f64::from_le_bytes(bytes)),
            _ => Err(self.is_no("number of 64 bits")),
        }
    }

    fn is_no(&self, what: &str) -> Unreadable {
        Unreadable::at_byte(self.at, format!("field {} is no {what}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(message: Message<'_>, depth: usize) {
        let mut message = message;
        while let Ok(Some(field)) = message.next() {
            assert!(field.text().is_err() || field.message().is_ok());
            if let (Ok(inner), true) = (field.message(), depth < 8) {
                walk(inner, depth + 1);
            }
        }
    }

    #[test]
    fn fields_are_read_with_their_places() {
        let bytes = [
            0x08, 0x96, 0x01, 0x12, 0x02, b'a', b'b', 0x1d, 0, 0, 0x80, 0x3f, 0x21, 0, 0, 0, 0, 0, 0, 0, 0x40,
        ];
        let mut message = Message::new(&bytes, 100);
        let mut next = || message.next().expect("a field").expect("one more");
        assert_eq!(next().number(), Ok(150));
        let text = next();
        assert_eq!((text.number, text.at, text.text()), (2, 103, Ok("ab")));
        assert_eq!(next().float(), Ok(1.0));
        assert_eq!(next().double(), Ok(2.0));
        assert!(matches!(message.next(), Ok(None)));
    }

    #[test]
    fn what_is_broken_has_its_byte() {
        let why = |bytes: &[u8]| Message::new(bytes, 0).next().expect_err("it is broken").to_string();
        assert_eq!(why(&[0x12, 0x05, b'a']), "byte 0: 5 bytes are said to follow, and do not");
        assert_eq!(why(&[0x08, 0x80]), "byte 1: it ends within a number");
        assert_eq!(why(&[0x0b]), "byte 0: there is no field of kind 3");
        assert_eq!(why(&[0x00, 0x01]), "byte 0: there is no field of this number");
        assert_eq!(
            why(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
            "byte 1: a number is longer than 64 bits"
        );
        let huge = [0x12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert!(Message::new(&huge, 0).next().is_err(), "no memory is taken for what is not there");
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            walk(Message::new(&bytes, 0), 0);
        }
    }
}

//! A checksum a row, since SQLite keeps none: a scribbled byte in a text is found when it is read.

/// FNV-1a over the fields, each ended by a byte that UTF-8 never uses.
pub(crate) fn of(fields: &[&str]) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut feed = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    for field in fields {
        field.bytes().for_each(&mut feed);
        feed(0xff);
    }
    i64::from_ne_bytes(hash.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn fields_do_not_run_together() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]), "a byte moved between fields is a change");
        // Reference value: FNV-1a 64 of "a" is af63dc4c8601ec8c (Fowler, Noll, Vo); then one step for the 0xff.
        let a: u64 = 0xaf63_dc4c_8601_ec8c;
        let expected = (a ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
        assert_eq!(of(&["a"]), i64::from_ne_bytes(expected.to_ne_bytes()));
    }
}

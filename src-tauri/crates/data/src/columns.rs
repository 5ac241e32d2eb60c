//! Which columns a pattern or a list of patterns names.

use keelmark_types::{Location, Mistake};

use crate::mistakes::{listed, mistake, quoted};

/// Whether `name` fits `pattern`, in which `*` stands for any characters.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    starred(pattern, name).is_some()
}

/// What the first `*` of `pattern` stands for in `name`, where it fits; empty without a `*`.
pub(crate) fn starred<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let mut rest = name.strip_prefix(first)?;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty().then_some("") };
    rest = rest.strip_suffix(last)?;
    let whole = rest;
    let mut star = whole;
    for (index, part) in parts.into_iter().enumerate() {
        // The leftmost match leaves the most for the parts that follow.
        let at = rest.find(part)?;
        if index == 0 {
            star = &whole[..at];
        }
        rest = &rest[at + part.len()..];
    }
    Some(star)
}

/// The columns that patterns name, in the order of the file; `used_by` names the declaration for the reader.
pub(crate) fn select(
    patterns: &[String],
    header: &[String],
    declared_in: &Location,
    used_by: &str,
) -> Result<Vec<usize>, Mistake> {
    if let Some(unmatched) = patterns.iter().find(|pattern| !header.iter().any(|name| fits(pattern, name))) {
        let expected =
            format!("a name or a pattern of the columns {}", listed(header.iter().map(String::as_str)));
        let message = format!("no column fits {} ({used_by})", quoted(unmatched));
        return Err(mistake(declared_in.clone(), message, expected));
    }
    let chosen = |name: &String| patterns.iter().any(|pattern| fits(pattern, name));
    Ok((0..header.len()).filter(|&column| chosen(&header[column])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name) in
            [("p*", "p"), ("p*", "p00"), ("*", ""), ("a*b*c", "axxbyyc"), ("*_x", "a_x"), ("a", "a")]
        {
            assert!(fits(pattern, name), "{pattern} fits {name}");
        }
        for (pattern, name) in [("p*", "xp"), ("a", "ab"), ("a*a", "a"), ("a*b*c", "ac"), ("", "a")] {
            assert!(!fits(pattern, name), "{pattern} does not fit {name}");
        }
        assert_eq!(starred("p_*", "p_cat"), Some("cat"));
        assert_eq!(starred("p*_*", "p1_x"), Some("1"));
    }

    #[test]
    fn columns_keep_the_order_of_the_file() {
        let header = ["b2", "a1", "b10", "c"].map(str::to_owned);
        let location = Location::file("model.yaml");
        let patterns = ["a*".to_owned(), "b*".to_owned()];
        assert_eq!(select(&patterns, &header, &location, "features"), Ok(vec![0, 1, 2]));
        assert!(select(&["d*".to_owned()], &header, &location, "features").is_err());
    }
}

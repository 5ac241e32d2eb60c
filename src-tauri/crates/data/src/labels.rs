//! Classes in their fixed order.

use std::collections::BTreeMap;

/// The classes in their order: by number where all are whole numbers, else by bytes.
pub(crate) fn in_order(mut names: Vec<String>) -> Vec<String> {
    let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
    match numbers {
        Some(_) => names.sort_by_cached_key(|name| (name.parse::<i64>().unwrap_or(0), name.clone())),
        None => names.sort_unstable(),
    }
    names
}

/// Labels as they are met, each given a number.
#[derive(Debug, Default)]
pub(crate) struct Met {
    numbers: BTreeMap<String, u32>,
}

impl Met {
    /// The number of a label: its place in the order of first meeting.
    pub(crate) fn number(&mut self, label: &str) -> u32 {
        if let Some(&number) = self.numbers.get(label) {
            return number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(label.to_owned(), number);
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The classes in their order, and the numbers given so far turned into places in that order.
    pub(crate) fn finish(self, labels: &mut [u32]) -> Vec<String> {
        let names = in_order(self.numbers.keys().cloned().collect());
        let mut places = vec![0_u32; names.len()];
        for (place, name) in names.iter().enumerate() {
            places[self.numbers[name] as usize] = place as u32;
        }
        for label in labels {
            *label = places[*label as usize];
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Vec<String> {
        in_order(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_texts_by_bytes() {
        assert_eq!(ordered(&["10", "9", "-1", "0"]), ["-1", "0", "9", "10"]);
        assert_eq!(ordered(&["10", "9", "x"]), ["10", "9", "x"]);
        assert_eq!(ordered(&["b", "B", "a"]), ["B", "a", "b"]);
    }

    #[test]
    fn labels_follow_their_class() {
        let mut met = Met::default();
        let mut labels: Vec<u32> = ["2", "10", "2", "1"].iter().map(|label| met.number(label)).collect();
        assert_eq!(met.finish(&mut labels), ["1", "2", "10"]);
        assert_eq!(labels, [1, 2, 1, 0]);
    }
}

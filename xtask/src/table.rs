//! Plain tables for terminals.

use std::fmt::Write as _;

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Draws rows under a head, each column as wide as its widest cell.
pub fn draw<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    align: [Align; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let mut line = |cells: [&str; COLUMNS]| {
        let mut padded = String::new();
        for ((cell, width), align) in cells.into_iter().zip(widths).zip(align) {
            // Writing into a string cannot fail.
            let _ = match align {
                Align::Left => write!(padded, "  {cell:<width$}"),
                Align::Right => write!(padded, "  {cell:>width$}"),
            };
        }
        text.push_str(padded.trim_end());
        text.push('\n');
    };
    line(head);
    let rules = widths.map(|width| "─".repeat(width));
    line(rules.each_ref().map(String::as_str));
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
    text
}

/// A number with its thousands apart: `1,317,763`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["tag".to_owned(), "9".to_owned()], ["frame".to_owned(), "12".to_owned()]];
        let text = draw(["part", "n"], [Align::Left, Align::Right], &rows);
        assert_eq!(text, "  part    n\n  ─────  ──\n  tag     9\n  frame  12\n");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_317_763].map(grouped), ["0", "999", "1,000", "1,317,763"]);
    }
}

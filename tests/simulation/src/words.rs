//! What the widget's transport takes from the widget's words.

pub(crate) fn concat(parts: &[&str]) -> String {
    parts.concat()
}

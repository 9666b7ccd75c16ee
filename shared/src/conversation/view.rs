//! placeholder

/// A page.
#[derive(Debug, Clone)]
pub struct Page {}

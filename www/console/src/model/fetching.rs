//! A question that is asked again and again: never twice at a time, and once more if something was done meanwhile.

/// How such a question stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Fetching {
    /// It is not being asked.
    #[default]
    No,
    /// It is under way.
    Once,
    /// It is under way, and was asked too early to show what was done since.
    Again,
}

impl Fetching {
    /// It is to be asked. False if it is under way; then it is asked again after that.
    pub(crate) fn begin(&mut self) -> bool {
        let idle = *self == Self::No;
        *self = if idle { Self::Once } else { Self::Again };
        idle
    }

    /// It was answered. Says whether to ask again.
    pub(crate) fn end(&mut self) -> bool {
        std::mem::take(self) == Self::Again
    }
}

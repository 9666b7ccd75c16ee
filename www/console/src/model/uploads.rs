//! Files on their way to a conversation, as the representative sees them.

use shared::file::size_in_words;
use shared::id::FileId;
use shared::protocol::http::FilesTaken;
use shared::protocol::live::Visibility;

/// What becomes of a file on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Others go first.
    Queued,
    /// So many of its bytes are with the gateway.
    Sending(u32),
    /// The same, and there is no connection to send more.
    Waiting(u32),
    /// It is whole; the gateway looks at it.
    Checking,
    /// It was refused, for this reason.
    Refused(String),
}

/// A file that somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Its id.
    pub(crate) file: FileId,
    /// Its name, as its owner has it.
    pub(crate) name: String,
    /// Its type, as the browser believes.
    pub(crate) media_type: String,
    /// How many bytes it has; as many as can be said of one that has more.
    pub(crate) bytes: u32,
    /// Who is to see it.
    pub(crate) visibility: Visibility,
}

impl Upload {
    /// Its size, in words.
    pub(crate) fn size(&self) -> String {
        size_in_words(self.bytes)
    }

    /// What is said about it beside its bar.
    pub(crate) fn words(&self, progress: &Progress) -> String {
        let size = self.size();
        match progress {
            Progress::Queued => format!("{size} · waits for the files before it"),
            Progress::Sending(received) => format!("{}% of {size}", self.percent(*received)),
            Progress::Waiting(received) => {
                format!("{}% of {size} · waiting for the connection", self.percent(*received))
            }
            Progress::Checking => {
                format!("{size} · is being checked, and appears in the conversation when it is found clean")
            }
            Progress::Refused(why) => why.clone(),
        }
    }

    /// How much of it is with the gateway.
    pub(crate) fn percent(&self, received: u32) -> u32 {
        // At most 100, so that it fits.
        u32::try_from(u64::from(received) * 100 / u64::from(self.bytes.max(1))).unwrap_or(100).min(100)
    }
}

/// Why no file can be sent now, if none can: the gateway would refuse it.
pub(crate) fn obstacle(talks: bool, taken: Option<&FilesTaken>) -> Option<&'static str> {
    match taken {
        _ if !talks => Some("Files can be sent only while you talk with the customer."),
        Some(FilesTaken { any: false, .. }) => {
            Some("Your organisation does not let files be sent in this conversation.")
        }
        // What is not known yet the gateway will say.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(bytes: u32) -> Upload {
        Upload {
            file: FileId::from_u128(1),
            name: "plan.pdf".into(),
            media_type: String::new(),
            bytes,
            visibility: Visibility::Public,
        }
    }

    #[test]
    fn progress_is_said_in_whole_parts_of_a_hundred_and_never_ends_early() {
        let large = upload(u32::MAX);
        assert_eq!(large.percent(u32::MAX - 1), 99);
        assert_eq!(large.percent(u32::MAX), 100);
        assert_eq!(upload(0).percent(7), 100);
        assert_eq!(upload(2_000_000).words(&Progress::Sending(500_000)), "25% of 2 MB");
        assert_eq!(upload(9).words(&Progress::Waiting(3)), "33% of 9 bytes · waiting for the connection");
    }

    #[test]
    fn files_can_be_sent_by_those_who_talk_where_files_are_taken() {
        let taken = |any| FilesTaken { any, max_bytes: 1, kinds: vec![] };
        assert_eq!(obstacle(true, Some(&taken(true))), None);
        assert_eq!(obstacle(true, None), None);
        assert!(obstacle(true, Some(&taken(false))).is_some());
        assert!(obstacle(false, Some(&taken(true))).is_some());
    }
}

//! The binary coding. The format is postcard's, so that whoever writes a client has it described; the reader and the writer
//! are ours, for the bytes that the widget weighs. Property tests hold that both do what the crate does: they read and
//! write the same, and refuse the same.

mod reader;
mod writer;

#[cfg(test)]
mod tests;

pub(super) use reader::Reader;
pub(super) use writer::Writer;

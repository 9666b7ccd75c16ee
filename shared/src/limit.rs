//! Every limit of the product, with its reason. What is over a limit gets a typed error that says which one.

use crate::rate::Rate;
use crate::time::Span;

/// Bytes of one socket frame or request body. A message of 4,000 characters is at most 16,000 bytes; the rest is room
/// for answers of a form.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the settings, as they are sent: thousands of representatives. They are stored in one row, which the runtime
/// limits to 2 MB.
pub const SETTINGS_BYTES_MAX: usize = 1024 * 1024;

/// Characters (Unicode scalar values) of one message.
pub const MESSAGE_CHARS_MAX: usize = 4_000;

/// Characters of a name, label or other single line.
pub const LINE_CHARS_MAX: usize = 200;

/// Characters of one answer in a form (reference section 11: a context value).
pub const ANSWER_CHARS_MAX: usize = 4_000;

/// Questions of one form. The reference product stops at 10 (section 5).
pub const FORM_QUESTIONS_MAX: usize = 50;

/// Characters of a question's text (reference section 5).
pub const QUESTION_CHARS_MAX: usize = 512;

/// Choices of one option set.
pub const CHOICES_MAX: usize = 100;

/// Spans of one day in operating hours: more than people keep apart.
pub const SPANS_PER_DAY_MAX: usize = 24;

/// Seasons of operating hours: several a year for decades.
pub const SEASONS_MAX: usize = 100;

/// Holidays of operating hours, one by one for decades.
pub const HOLIDAYS_MAX: usize = 500;

/// Holidays of operating hours that come every year. It bounds how far the next day of work can be.
pub const YEARLY_HOLIDAYS_MAX: usize = 100;

/// Single days with other hours.
pub const HOURS_EXCEPTIONS_MAX: usize = 1_000;

/// Entries in one answer to a client that catches up. More are fetched page by page, so that one frame stays small
/// enough to be shown at once.
pub const PAGE_ENTRIES_MAX: usize = 100;

/// Bytes of entries in one answer to a client that catches up, a little under the frame limit.
pub const PAGE_BYTES_MAX: usize = 48 * 1024;

/// How often one message may be edited: more than anybody corrects themselves, and few enough to show.
pub const EDITS_PER_MESSAGE_MAX: usize = 20;

/// Bytes of one conversation, counted with room for names, ids and times: about 20,000 short messages. It is in memory
/// while somebody looks at it.
pub const CONVERSATION_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes of what its customer alone writes into a conversation, counted in the same way: about 5,000 short messages. More is
/// no conversation, and strangers shall not fill a shard's store.
pub const CUSTOMER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Messages that a client keeps unacknowledged; more are refused at the keyboard.
pub const OUTBOX_MESSAGES_MAX: usize = 200;

/// How long a representative may be gone and come back to the presence of before (reference section 20.4).
pub const PRESENCE_GRACE: Span = Span::from_millis(150_000);

/// How many sessions a representative can have open before offers fail, where nothing else is said (reference section 23).
pub const SESSIONS_USUAL: u16 = 10;

/// How many representatives decline a conversation before the system offers it to nobody any more (reference section 16.6).
pub const DECLINERS_MAX: usize = 100;

/// How many of those who had a conversation, or were asked, are remembered with it.
pub const ATTEMPTS_MAX: usize = 50;

/// How many of the people who were not asked are told of in what is kept of a conversation that ended while it waited.
pub const UNASKED_KEPT_MAX: usize = 50;

/// Rules of which is kept with a conversation that is over what became of them: the first of classification, and as many
/// routes.
pub const RULES_KEPT_MAX: usize = 100;

/// How long a typing indicator is shown after the last sign of typing.
pub const TYPING_SHOWN: Span = Span::from_secs(6);

/// How often a client that types says so.
pub const TYPING_REPEATED: Span = Span::from_secs(3);

/// How long a hand-over code can be redeemed.
pub const HANDOVER_LIFETIME: Span = Span::from_secs(60);

/// How long a visitor's session token can be used after it was last used: 30 days.
pub const VISITOR_SESSION_LIFETIME: Span = Span::from_secs(30 * 24 * 3600);

/// How long a staff session lasts after it was last used by a console at which somebody sits: 12 hours, a long shift.
pub const STAFF_SESSION_LIFETIME: Span = Span::from_secs(12 * 3600);

/// How long a staff session lasts however much it is used: 7 days. A cookie that was stolen serves no longer than that.
pub const STAFF_SESSION_LONGEST: Span = Span::from_secs(7 * 24 * 3600);

/// How often a console at which somebody sits has its session last longer.
pub const STAFF_SESSION_RENEWED_EVERY: Span = Span::from_secs(30 * 60);

/// How long a setup link for a first password can be used: 7 days.
pub const SETUP_LINK_LIFETIME: Span = Span::from_secs(7 * 24 * 3600);

/// Characters of a password, at least and at most.
pub const PASSWORD_CHARS: core::ops::RangeInclusive<usize> = 10..=200;

/// Open sockets of one participant on one conversation: tabs on several sites, with room. When more come, the oldest goes: most
/// likely its client has gone without a word.
pub const SOCKETS_PER_PARTICIPANT_MAX: usize = 20;

/// How long a socket may be open before it says who is there.
pub const HELLO_AWAITED: Span = Span::from_secs(10);

/// How long the socket of a conversation may be silent before whoever sits there counts as gone. Clients say every 20 seconds
/// that they are there; for a page that nobody sees, browsers let a timer ring once a minute: two of those, and half a one more.
pub const SILENCE_MAX: Span = Span::from_secs(150);

/// The same of a desk, whose work goes to somebody else then: a minute that a browser takes, and half a one more.
pub const DESK_SILENCE_MAX: Span = Span::from_secs(90);

/// Sockets of one shard that have not said yet who is there. When more come, whoever has been silent for longest goes.
pub const STRANGERS_MAX: usize = 1_000;

/// The same from one address, together with those that were closed and do not let go.
pub const STRANGERS_PER_ADDRESS_MAX: usize = 50;

/// Sockets of one shard from one address, whoever sits there, with those that were closed and do not let go. Offices share an
/// address; an office in which more people than that write to the same company at once is one that it knows.
pub const SOCKETS_PER_ADDRESS_MAX: usize = 300;

/// Sockets of one object, with those that were closed and do not let go.
pub const SOCKETS_MAX: usize = 12_000;

/// Of these, how many only the staff get.
pub const STAFF_SEATS_KEPT: usize = 1_000;

/// File descriptors that a socket takes in workerd, awake or asleep.
pub const DESCRIPTORS_PER_SOCKET: usize = 2;

/// File descriptors of a process that no socket gets: for databases (three for each object that is awake), and for requests,
/// whose connections stay open for some seconds.
pub const DESCRIPTORS_KEPT: usize = 1_000;

/// Sockets of a process that only the staff get.
pub const STAFF_SOCKETS_KEPT: usize = 100;

/// How long whoever finds a process full should wait before they try again.
pub const OVERLOAD_WAIT: Span = Span::from_secs(10);

/// Pages of the log that one participant may ask for, a hello among them: each is up to 48 KB. A person who scrolls back
/// does not reach it; a program that asks and does not read cannot fill the memory.
pub const PAGE_RATE: Rate = Rate { burst: 60, per_minute: 60 };

/// Frames of one participant, on all their sockets together. A person types and reads far below it; a program that
/// floods is told to wait. The burst is enough for a client that comes back with a full outbox.
pub const FRAME_RATE: Rate = Rate { burst: 240, per_minute: 1_200 };

/// Bytes of text that one participant may write, on all their sockets together: far more than anybody types, and enough for
/// what is pasted. What is written stays in memory and on disk.
pub const TEXT_RATE: Rate = Rate { burst: 128 * 1024, per_minute: 60 * 8 * 1024 };

/// The same of all customers at one address, of answers to forms among them. Offices share an address.
pub const TEXT_ADDRESS_RATE: Rate = Rate { burst: 1024 * 1024, per_minute: 2 * 1024 * 1024 };

/// The same of all customers together, where the runtime does not say from which address they come.
pub const TEXT_RATE_UNKNOWN: Rate = Rate { burst: 64 * 1024 * 1024, per_minute: 60 * 1024 * 1024 };

// The longest message and the longest form can be sent: a character has at most four bytes.
const _: () = assert!(4 * MESSAGE_CHARS_MAX <= TEXT_RATE.burst as usize);
const _: () = assert!(FRAME_BYTES_MAX <= TEXT_ADDRESS_RATE.burst as usize);

/// Answers to frames of one participant that were too many. After that they are not looked at.
pub const REFUSAL_RATE: Rate = Rate { burst: 240, per_minute: 60 };

const _: () = assert!(FRAME_RATE.burst as usize > OUTBOX_MESSAGES_MAX);

/// Attempts to sign in to one account: from a browser that has signed in to it before, and from all others together.
pub const SIGN_IN_RATE: Rate = Rate { burst: 10, per_minute: 10 };

/// Attempts to sign in, or to set a password, from one address. Offices share an address.
pub const SIGN_IN_ADDRESS_RATE: Rate = Rate { burst: 30, per_minute: 30 };

/// Attempts to sign in or to set a password, of everybody together whose browser has not signed in before: each costs
/// tens of milliseconds of work on purpose.
pub const PASSWORD_RATE: Rate = Rate { burst: 60, per_minute: 240 };

/// How long a browser that has signed in is remembered as one: 180 days.
pub const DEVICE_LIFETIME: Span = Span::from_secs(180 * 24 * 3600);

/// Visitors' sessions that one address may open. Offices share an address.
pub const VISITOR_RATE: Rate = Rate { burst: 120, per_minute: 120 };

/// Visitors' sessions that all may open together where the runtime does not say from which address they come: on one
/// machine, behind a proxy that has limits of its own.
pub const VISITOR_RATE_UNKNOWN: Rate = Rate { burst: 2_000, per_minute: 12_000 };

/// Conversations that may be begun from one address: each is somebody who waits in a queue, rows in a shard, and a record when
/// it has ended, also if nobody ever comes back to it. Offices share an address.
pub const START_RATE: Rate = Rate { burst: 30, per_minute: 30 };

/// The same of all together, where the runtime does not say from which address they come: one for each session.
pub const START_RATE_UNKNOWN: Rate = VISITOR_RATE_UNKNOWN;

/// As how many bytes of text the shortest form counts: what else is stored of a conversation is about as long.
pub const FORM_BYTES_COUNTED_MIN: usize = 1024;

/// Requests of visitors from one address, of any kind: with a wrong token, or a socket, or a code to be redeemed. Each may
/// wake an object. Offices share an address.
pub const KNOCK_RATE: Rate = Rate { burst: 3_000, per_minute: 6_000 };

/// The same of all together, where the runtime does not say from which address they come.
pub const KNOCK_RATE_UNKNOWN: Rate = Rate { burst: 50_000, per_minute: 600_000 };

/// Sockets that are opened only to say why there is none, of a whole process: a browser cannot read it otherwise. They stand in
/// no list of an object, and linger for as long as their side likes.
pub const TURNED_AWAY_RATE: Rate = Rate { burst: 100, per_minute: 100 };

/// Conversations and hand-over codes that one visitor may ask for.
pub const VISITOR_REQUEST_RATE: Rate = Rate { burst: 30, per_minute: 30 };

/// Conversations of a shard that stay in memory although they were only looked at.
pub const LOOKED_AT_KEPT: usize = 64;

/// Bytes of the conversations of a shard in memory to which nobody is connected. Above, the state is stored and they go.
pub const IDLE_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Bytes of all conversations in the memory of a process, of whatever shard. Above, customers are told to wait with what they
/// write and with their coming: an allocation that fails ends everything, and WebAssembly has 4 GB, of which what is counted
/// here takes about twice as much.
pub const AWAKE_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Bytes above that which only the staff may fill.
pub const AWAKE_BYTES_KEPT: usize = 256 * 1024 * 1024;

/// Representatives whom one customer can prefer (reference section 16.7).
pub const PREFERRED_MAX: usize = 3;

/// Levels of one rating model.
pub const RATING_LEVELS_MAX: usize = 100;

/// Context variables of one conversation (reference section 11).
pub const VARIABLES_MAX: usize = 100;

/// Rulesets of one workstream; rules of one list; outcomes of one rule (reference sections 14.2 and 14.3).
pub const RULESETS_MAX: usize = 10;
/// Rules of one list.
pub const RULES_MAX: usize = 200;
/// Outcomes of one rule.
pub const OUTCOMES_MAX: usize = 10;

/// Queues among which one rule splits work (reference section 14.3).
pub const SHARES_MAX: usize = 5;

/// Bytes of one chunk of a file, the last excepted. A row of the store holds one and is limited to 2 MB; a cut costs no more
/// than one of them.
pub const FILE_CHUNK_BYTES: u32 = 256 * 1024;

/// Bytes of one file, where nothing else is said.
pub const FILE_BYTES_USUAL: u32 = 25_000_000;

/// Bytes of one file, whatever the settings say: all of a shard's files lie in one store of 10 GB.
pub const FILE_BYTES_MAX: u32 = 100_000_000;

/// Bytes of all files of one conversation.
pub const CONVERSATION_FILE_BYTES_MAX: u64 = 250_000_000;

/// Bytes of all files of one shard, those on their way among them: its store has 10 GB, and conversations need room too.
pub const SHARD_FILE_BYTES_MAX: u64 = 8_000_000_000;

/// Of these, how many only the staff get: strangers may fill what they can, and the staff still send files.
pub const STAFF_FILE_BYTES_KEPT: u64 = 2_000_000_000;

/// As how many bytes the smallest file counts in its shard: each is a row and more.
pub const FILE_BYTES_COUNTED_MIN: u32 = 64 * 1024;

/// Chunks of files that customers may offer from one address, the first one of each file counted whole: 1.5 GB at once, and
/// 1.9 GB a day. What is sent holds room until a day after its conversation, if nobody answers it: from one address nobody
/// fills a shard. Offices share an address.
pub const UPLOAD_RATE: Rate = Rate { burst: 6_000, per_minute: 5 };

/// The same of the staff, who are known.
pub const STAFF_UPLOAD_RATE: Rate = Rate { burst: 3_000, per_minute: 300 };

/// The same of all together, where the runtime does not say from which address they come: 3 GB at once, and 1 GB a minute.
pub const UPLOAD_RATE_UNKNOWN: Rate = Rate { burst: 12_000, per_minute: 4_000 };

// The largest file can be offered, and two days of offers from one address are less than what customers get of a shard. So
// are, where addresses are not known, all offers together of which no byte comes, for as long as those hold room.
const _: () = assert!(FILE_BYTES_MAX.div_ceil(FILE_CHUNK_BYTES) < STAFF_UPLOAD_RATE.burst);
const _: () = assert!(
    (UPLOAD_RATE.burst as u64 + 2 * 24 * 60 * UPLOAD_RATE.per_minute as u64) * (FILE_CHUNK_BYTES as u64)
        < SHARD_FILE_BYTES_MAX - STAFF_FILE_BYTES_KEPT
);
const _: () = assert!(
    (UPLOAD_RATE_UNKNOWN.burst as u64
        + (FILE_BEGUN_WITHIN.as_millis() / 60_000) * UPLOAD_RATE_UNKNOWN.per_minute as u64)
        * (FILE_CHUNK_BYTES as u64)
        < SHARD_FILE_BYTES_MAX - STAFF_FILE_BYTES_KEPT
);

/// How long the files of a conversation are kept when it has ended, where nothing else is said: half a year.
pub const FILES_KEPT_USUAL: Span = Span::from_secs(180 * 24 * 3600);

/// The same where nobody of the staff ever took part: long enough for whoever comes in the morning, too short for strangers to
/// fill a shard with it.
pub const FILES_KEPT_UNANSWERED: Span = Span::from_secs(24 * 3600);

/// How long files are kept by the settings, at least and at most: a day and ten years.
pub const FILES_KEPT: core::ops::RangeInclusive<Span> =
    Span::from_secs(24 * 3600)..=Span::from_secs(3_650 * 24 * 3600);

/// Files of one conversation, those on their way among them.
pub const CONVERSATION_FILES_MAX: u64 = 100;

/// Characters of a file's name: what file systems take (255 bytes) with room for other scripts.
pub const FILE_NAME_CHARS_MAX: usize = 100;

/// Files that one participant may offer.
pub const FILE_RATE: Rate = Rate { burst: 30, per_minute: 15 };

/// Chunks and other requests about files of one participant: 5 MB a second in the long run.
pub const FILE_REQUEST_RATE: Rate = Rate { burst: 600, per_minute: 1_200 };

/// How long a file that was offered waits for its first chunk, as long as a client waits for an answer: until then it holds
/// room in which nothing is. A client that comes later offers it again.
pub const FILE_BEGUN_WITHIN: Span = Span::from_secs(120);

/// How long a file that is not whole waits for its next chunk, and a refused one for its sender to hear why.
pub const FILE_UPLOAD_LIFETIME: Span = Span::from_secs(3600);

/// How long the address of a file can be used.
pub const FILE_LINK_LIFETIME: Span = Span::from_secs(5 * 60);

/// Chunks that may be read of the files of one conversation, whoever opens them; to open one counts as a chunk.
pub const FILE_READ_RATE: Rate = Rate { burst: 1_000, per_minute: 1_000 };

/// Chunks of files that may be opened from one address. Offices share an address.
pub const DOWNLOAD_RATE: Rate = Rate { burst: 4_000, per_minute: 2_000 };

/// The same of all together, where the runtime does not say from which address they come.
pub const DOWNLOAD_RATE_UNKNOWN: Rate = Rate { burst: 40_000, per_minute: 40_000 };

const _: () = assert!(FILE_BYTES_MAX.div_ceil(FILE_CHUNK_BYTES) < FILE_READ_RATE.burst);

/// Reads of one address of a file at the same time: a player takes several parts.
pub const READS_PER_LINK_MAX: usize = 6;

/// After this long without a chunk a read of a file does not count as one any more.
pub const READ_FORGOTTEN: Span = Span::from_secs(60);

/// How long a scanner may take for one answer.
pub const FILE_SCAN_AWAITED: Span = Span::from_secs(120);

/// How many waiting conversations a draft of the settings is tried with. To copy one and to decide about it anew costs some
/// microseconds, and everybody waits for it.
pub const TRIAL_WAITING_MAX: usize = 10_000;

/// The highest item limit of a queue for messages (reference section 19.1).
pub const ITEMS_WAITING_MAX: u32 = 100;

/// Rows of a notice: what can be read before an offer runs out.
pub const NOTICE_ROWS_MAX: usize = 10;

/// Conversations in one command of a supervisor (reference section 26).
pub const BULK_MAX: usize = 1_000;

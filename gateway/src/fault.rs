//! What can go wrong inside the gateway. A person sees [`ErrorCode::Internal`] and the log sees this.

use shared::protocol::{ErrorCode, Problem};

/// A fault of ours: of the store, of the runtime, or of our own code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The runtime refused something.
    #[error("the runtime refused: {0}")]
    Runtime(#[from] worker::Error),
    /// What is stored is not what was stored.
    #[error("the store holds something else than was expected: {0}")]
    Stored(&'static str),
    /// What is stored was written by a newer version.
    #[error(
        "{what} was stored in version {version} of its format by a newer Throughline; this one reads up to version {known}. \
         Nothing was changed. Start the newer one again, or give this one the backup from before the update"
    )]
    Newer {
        /// What.
        what: &'static str,
        /// In which version.
        version: u8,
        /// The newest version that can be read here.
        known: u8,
    },
    /// Another object answered something else than it was asked.
    #[error("another object gave an answer that does not fit the question")]
    Answer,
    /// A fault after a step was taken, of which nothing has followed yet.
    #[error("a request failed half-way, when its step was taken and nothing had followed from it")]
    Torn,
    /// A binding or variable is missing in the configuration of the deployment.
    #[error("the deployment lacks {0}")]
    Deployment(&'static str),
}

/// What people are told who meet [`Fault::Newer`]; the log has the rest.
const NEWER: &str = "What is stored here was written by a newer version of Throughline, and was left as it is. Ask whoever \
                     runs this server to start the newer version again.";

/// The result of what can only fail by a fault.
pub(crate) type Result<T> = core::result::Result<T, Fault>;

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        worker::console_error!("fault: {fault}");
        let problem = Self::from(ErrorCode::Internal);
        match fault {
            Fault::Newer { .. } => problem.saying(NEWER),
            _ => problem,
        }
    }
}

impl From<Fault> for worker::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Runtime(error) => error,
            other => Self::RustError(other.to_string()),
        }
    }
}

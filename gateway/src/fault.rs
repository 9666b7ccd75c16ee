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
    /// Another object answered something else than it was asked.
    #[error("another object gave an answer that does not fit the question")]
    Answer,
    /// A binding or variable is missing in the configuration of the deployment.
    #[error("the deployment lacks {0}")]
    Deployment(&'static str),
}

/// The result of what can only fail by a fault.
pub(crate) type Result<T> = core::result::Result<T, Fault>;

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        worker::console_error!("fault: {fault}");
        Self::from(ErrorCode::Internal)
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

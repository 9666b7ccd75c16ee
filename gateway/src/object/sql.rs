//! SQL in a Durable Object: the one way to read and write.
//!
//! Rows are read through the cursor's raw iterator, because the others let a JavaScript exception fly through Rust frames
//! and the request never ends. Numbers cross as doubles: what is stored as INTEGER stays below 2^53. No booleans.

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::{SqlStorage, SqlStorageValue};

use crate::fault::{Fault, Result};

#[wasm_bindgen]
extern "C" {
    /// The object's storage, for the one method that the typed one lacks.
    type TransactionalStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        work: &mut dyn FnMut() -> core::result::Result<JsValue, JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;
}

/// Does `work` as one transaction: if it fails, everything that it wrote is undone.
pub(super) fn transaction<T>(storage: &worker::Storage, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let mut work = Some(work);
    let mut result = None;
    let storage: &TransactionalStorage = storage.as_raw().unchecked_ref();
    let ran = storage.transaction_sync(&mut || {
        // Called once; a second call would find nothing to do.
        let done = work.take().map(|work| work());
        let failed = !matches!(done, Some(Ok(_)));
        result = done;
        // The runtime undoes what was written when the work throws.
        if failed { Err(JsValue::from_str("undo")) } else { Ok(JsValue::UNDEFINED) }
    });
    match (result, ran) {
        (Some(Err(fault)), _) => Err(fault),
        (Some(Ok(value)), Ok(_)) => Ok(value),
        (_, Err(error)) => Err(worker::Error::from(error).into()),
        (None, Ok(_)) => Err(Fault::Stored("a transaction that ran")),
    }
}

/// The database of one object. Statements between two awaits are one transaction.
#[derive(Clone)]
pub(crate) struct Sql(SqlStorage);

/// A value to bind.
pub(crate) type Value = SqlStorageValue;

/// One row of an answer.
pub(crate) struct Row(std::vec::IntoIter<SqlStorageValue>);

impl Sql {
    pub(crate) fn new(storage: &worker::Storage) -> Self {
        Self(storage.sql())
    }

    /// Runs a statement whose rows nobody wants.
    pub(crate) fn run(&self, statement: &str, values: Vec<Value>) -> Result<()> {
        self.0.exec(statement, values)?;
        Ok(())
    }

    /// Runs a query and takes each row apart.
    pub(crate) fn rows<T>(
        &self,
        query: &str,
        values: Vec<Value>,
        mut take: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for row in self.0.exec(query, values)?.raw() {
            rows.push(take(&mut Row(row?.into_iter()))?);
        }
        Ok(rows)
    }

    /// Runs a query and takes its first row apart, if there is one.
    pub(crate) fn first<T>(
        &self,
        query: &str,
        values: Vec<Value>,
        take: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<Option<T>> {
        // All rows are read: an abandoned cursor disturbs the statements after it.
        Ok(self.rows(query, values, take)?.into_iter().next())
    }
}

/// Takes the columns of a row from left to right.
impl Row {
    pub(crate) fn text(&mut self) -> Result<String> {
        match self.0.next() {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Fault::Stored("a text")),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => Err(Fault::Stored("bytes")),
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.blob()?.try_into().map_err(|_| Fault::Stored("bytes of this length"))
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        match self.0.next() {
            Some(Value::Integer(number)) => u64::try_from(number).map_err(|_| Fault::Stored("a number")),
            _ => Err(Fault::Stored("a number")),
        }
    }

    /// The next column, or none if it is NULL.
    pub(crate) fn optional<T>(&mut self, take: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if matches!(self.0.as_slice().first(), Some(Value::Null)) {
            self.0.next();
            return Ok(None);
        }
        take(self).map(Some)
    }
}

/// A number to bind.
pub(crate) fn number(value: u64) -> Value {
    // Times, counters and sequence numbers: far below 2^53.
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// Bytes to bind.
pub(crate) fn blob(bytes: impl AsRef<[u8]>) -> Value {
    Value::Blob(bytes.as_ref().to_vec())
}

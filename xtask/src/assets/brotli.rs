//! Brotli at its highest quality, by the zlib of Node: the same compressor that measured `sizes` of other products, and
//! none that has to be compiled first. Results are kept by the hash of the content, because quality 11 is slow.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::hash::content_hash;
use crate::process::run;

/// Compresses each file that is named on the command line into a new file with `.br` behind its name.
const SCRIPT: &str = r"
const { readFileSync, writeFileSync, renameSync } = require('node:fs');
const { brotliCompressSync, constants } = require('node:zlib');
for (const file of process.argv.slice(1)) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  writeFileSync(file + '.part', brotliCompressSync(readFileSync(file), { params }));
  renameSync(file + '.part', file + '.br');
}
";

/// Each of `contents` compressed, in the same order. `folder` keeps what was compressed before.
pub fn compress<'a>(folder: &Path, contents: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Vec<u8>>> {
    fs::create_dir_all(folder)?;
    let mut results = Vec::new();
    let mut missing = Vec::new();
    for content in contents {
        let input = folder.join(content_hash(content));
        let output = input.with_added_extension("br");
        if !output.is_file() {
            fs::write(&input, content)?;
            missing.push(input);
        }
        results.push(output);
    }
    if !missing.is_empty() {
        run(Command::new("node").arg("--eval").arg(SCRIPT).arg("--").args(&missing))?;
        for input in missing {
            fs::remove_file(input)?;
        }
    }
    let read = |path: PathBuf| fs::read(&path).with_context(|| format!("{} cannot be read.", path.display()));
    results.into_iter().map(read).collect()
}

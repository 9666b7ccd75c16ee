//! What browsers load, from the bundled files to what lies on disk: names that carry the hash of their content, and a
//! compressed sibling for each file.
//!
//! A file whose name carries its hash never changes, so browsers keep it for ever. The few files with fixed names (the
//! script tag and the two pages) are looked up again.

pub mod brotli;
pub mod hash;
pub mod naming;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub use naming::{Named, Source};

/// Writes a tree of assets with compressed siblings, and removes what no longer belongs there. Files that are the same
/// already are left alone. Returns how many were written.
pub fn write_tree(folder: &Path, files: &[Named], compressed: &Path) -> Result<usize> {
    let siblings = brotli::compress(compressed, files.iter().map(|file| file.content.as_slice()))?;
    let mut kept = BTreeSet::new();
    let mut written = 0;
    for (file, sibling) in files.iter().zip(siblings) {
        let path = folder.join(&file.path);
        let mut beside = path.clone().into_os_string();
        beside.push(".br");
        let beside = PathBuf::from(beside);
        written += usize::from(write_if_changed(&path, &file.content)?);
        write_if_changed(&beside, &sibling)?;
        kept.extend([path, beside]);
    }
    remove_others(folder, &kept)?;
    Ok(written)
}

/// Writes `content` unless the file holds it already. Says whether it wrote.
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("{} cannot be written.", path.display()))?;
    Ok(true)
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

//! The JavaScript side of the widget's module, made as small as what the widget needs of it.
//!
//! wasm-bindgen writes glue for every page that there may be. This one takes out what this page never runs, and gives what
//! the module imports the names that stand in `widget/src/browser.rs`: each has a hash behind it, which no compressor
//! shortens, once in the module and once in the script. The version of wasm-bindgen is fixed to the letter; should another
//! one write its glue otherwise, this says so and nothing is built.

use anyhow::{Context as _, Result, ensure};

/// From which module the imports come, afterwards.
const MODULE: &str = "b";
const PREFIX: &str = "__wbg_";
/// Letters of a hash, and the line before them.
const HASH: usize = 17;

/// How the script starts the module: with the answer that brings it.
const START: &str = "
let wasm;
export default async (answer) => {
    const { instance } = await WebAssembly.instantiateStreaming(answer, __wbg_get_imports());
    wasm = instance.exports;
    wasm.__wbindgen_start();
};
";

/// Script and module with short names, and the script without what is never run.
pub(super) fn shorten(script: &str, module_name: &str, module: &[u8]) -> Result<(String, Vec<u8>)> {
    let (start, rest) = script.split_once(";\n").context("The glue begins otherwise.")?;
    ensure!(start.starts_with("import source wasmModule"), "The glue begins otherwise.");
    let (body, _) = rest.split_once("\nlet wasmInstance = ").context("The glue ends otherwise.")?;
    let mut script = body.to_owned();
    // Text is encoded at once: to find out first whether all of it is ASCII is quicker and longer.
    replace(&mut script, "    if (realloc === undefined) {", "    {")?;
    cut(&mut script, "    let len = arg.length;", "}\n\nlet cachedTextDecoder")?;
    replace_all(
        &mut script,
        ", wasm.__wbindgen_malloc, wasm.__wbindgen_realloc)",
        ", wasm.__wbindgen_malloc)",
    )?;
    replace(&mut script, &format!("\"{module_name}\""), &format!("\"{MODULE}\""))?;
    let module = rename_imports(module, |module, name| {
        if module != module_name {
            return Ok((module.to_owned(), name.to_owned()));
        }
        let short = short(name);
        if short != name {
            replace(&mut script, &format!("{name}:"), &format!("{short}:"))?;
        }
        Ok((MODULE.to_owned(), short.to_owned()))
    })?;
    Ok((script + START, module))
}

/// The name without prefix and hash; names without a hash stay.
fn short(name: &str) -> &str {
    let Some(named) = name.strip_prefix(PREFIX) else { return name };
    let end = named.len().saturating_sub(HASH);
    match named.split_at_checked(end) {
        Some((name, hash)) if !name.is_empty() && hash.starts_with('_') => name,
        _ => name,
    }
}

/// Replaces what must stand there once.
fn replace(script: &mut String, from: &str, to: &str) -> Result<()> {
    ensure!(script.matches(from).count() == 1, "The glue has not one `{from}` in it.");
    replace_all(script, from, to)
}

fn replace_all(script: &mut String, from: &str, to: &str) -> Result<()> {
    ensure!(script.contains(from), "The glue has no `{from}` in it.");
    *script = script.replace(from, to);
    Ok(())
}

/// Cuts out what stands from `from` up to `to`, which stays.
fn cut(script: &mut String, from: &str, to: &str) -> Result<()> {
    let (before, rest) = script.split_once(from).with_context(|| format!("The glue has no `{from}`."))?;
    let (_, after) = rest.split_once(to).with_context(|| format!("The glue has no `{to}`."))?;
    *script = [before, to, after].concat();
    Ok(())
}

/// The same module with other names for what it imports: from which module, and which.
fn rename_imports(
    module: &[u8],
    mut rename: impl FnMut(&str, &str) -> Result<(String, String)>,
) -> Result<Vec<u8>> {
    const HEAD: usize = 8;
    const IMPORTS: u8 = 2;
    let mut rest = Bytes(module.get(HEAD..).context("The module is too short.")?);
    let mut renamed = module[..HEAD].to_vec();
    while let Some((kind, _)) = rest.0.split_first() {
        let (kind, before) = (*kind, rest.0);
        rest.take(1)?;
        let length = rest.number()?;
        let mut section = Bytes(rest.take(length)?);
        if kind != IMPORTS {
            renamed.extend(&before[..before.len() - rest.0.len()]);
            continue;
        }
        let count = section.number()?;
        let mut content = Vec::new();
        put_number(&mut content, count);
        for _ in 0..count {
            let (from, name) = rename(section.text()?, section.text()?)?;
            for text in [from, name] {
                put_number(&mut content, text.len());
                content.extend(text.as_bytes());
            }
            let kind = section.take(1)?;
            ensure!(kind == [0], "The module imports something that is no function.");
            content.extend(kind);
            put_number(&mut content, section.number()?);
        }
        renamed.push(IMPORTS);
        put_number(&mut renamed, content.len());
        renamed.extend(content);
    }
    Ok(renamed)
}

/// What is still to be read of a module.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("The module ends too early.")?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number in LEB128.
    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        anyhow::bail!("The module has a number that is too long.")
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        Ok(str::from_utf8(self.take(length)?)?)
    }
}

fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "import source wasmModule from \"./w_bg.wasm\";\n
x.tell(passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc));
__wbg_at_end_e85287f035a0b8f4: function() {},
__wbindgen_init: function() {},
\"./w_bg.js\": import0,
function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        return once;
    }

    let len = arg.length;
    return slowly;
}

let cachedTextDecoder;

let wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
";

    fn text(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_number(&mut bytes, text.len());
        bytes.extend(text.as_bytes());
        bytes
    }

    /// A module that imports these, between two sections that stay.
    fn module(imports: &[(&str, &str)]) -> Vec<u8> {
        let mut section = vec![u8::try_from(imports.len()).unwrap()];
        for (index, (from, name)) in imports.iter().enumerate() {
            section.extend([text(from), text(name), vec![0, u8::try_from(index).unwrap()]].concat());
        }
        let mut module = b"\0asm\x01\0\0\0\x01\x02ab\x02".to_vec();
        put_number(&mut module, section.len());
        module.extend(section);
        module.extend(b"\x0a\x03xyz");
        module
    }

    #[test]
    fn module_and_script_have_the_same_short_names() {
        let before =
            module(&[("./w_bg.js", "__wbg_at_end_e85287f035a0b8f4"), ("./w_bg.js", "__wbindgen_init")]);
        let (script, after) = shorten(GLUE, "./w_bg.js", &before).unwrap();
        assert_eq!(after, module(&[("b", "at_end"), ("b", "__wbindgen_init")]));
        for line in ["\nat_end: function() {},", "\n__wbindgen_init: function() {},", "\n\"b\": import0,"] {
            assert!(script.contains(line), "{line}: {script}");
        }
    }

    #[test]
    fn the_script_starts_the_module_and_encodes_text_in_one_way() {
        let (script, _) = shorten(GLUE, "./w_bg.js", &module(&[])).unwrap();
        assert!(script.contains("tell(passStringToWasm0(text, wasm.__wbindgen_malloc));"), "{script}");
        assert!(
            script.contains("    {\n        return once;\n    }\n\n}\n\nlet cachedTextDecoder"),
            "{script}"
        );
        assert!(!script.contains("slowly") && !script.contains("wasmModule"), "{script}");
        assert!(script.ends_with(START));
    }

    #[test]
    fn glue_that_is_written_otherwise_is_refused() {
        for passage in
            ["import source", "realloc === undefined", "let len", "__wbg_at_end", "let wasmInstance"]
        {
            let imports = [("./w_bg.js", "__wbg_at_end_e85287f035a0b8f4")];
            let glue = GLUE.replace(passage, "something else");
            assert!(shorten(&glue, "./w_bg.js", &module(&imports)).is_err(), "{passage}");
        }
        assert!(shorten(GLUE, "./w_bg.js", b"\0asm\x01\0\0\0\x02\x05\x01").is_err(), "half a module");
    }
}

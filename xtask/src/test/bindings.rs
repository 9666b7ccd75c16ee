//! That the gateway can be deployed to Cloudflare, and finds there under the same names what it finds on one machine.
//!
//! What wrangler understood is compared, not what stands in its file: its dry run lists the bindings.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::run;
use crate::project::Project;

/// Runs the dry run and compares.
pub(super) fn check(project: &Project) -> Result<()> {
    let output = run(Command::new(project.npm_program("wrangler"))
        .args(["deploy", "--dry-run", "--config", "gateway/wrangler.toml", "--outdir"])
        .arg(project.intermediate("deploy"))
        .current_dir(project.root())
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CI", "true")
        .env("NO_COLOR", "1"))?;
    let deployed = of_dry_run(&String::from_utf8_lossy(&output.stdout));
    let local = of_workerd(&fs::read_to_string(project.path("gateway/workerd.capnp"))?);
    if deployed.is_empty() || deployed != local {
        bail!(
            "wrangler.toml and workerd.capnp must bind the same names.\n  wrangler: {}\n  workerd:  {}",
            deployed.into_iter().collect::<Vec<_>>().join(", "),
            local.into_iter().collect::<Vec<_>>().join(", ")
        );
    }
    Ok(())
}

/// The bindings of the dry run: `NAME`, and `NAME = Class` for a namespace of objects.
fn of_dry_run(output: &str) -> BTreeSet<String> {
    let names = output.lines().filter_map(|line| {
        let binding = line.trim_start().strip_prefix("env.")?;
        let (name, _) = binding.split_once([' ', '\t'])?;
        let class =
            binding.strip_prefix(name)?.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
        match class {
            Some((class, kind)) if kind.contains("Durable Object") => Some(format!("{name} = {class}")),
            _ => Some(name.to_owned()),
        }
    });
    names.collect()
}

/// The bindings of the worker in workerd's configuration, in the same form.
fn of_workerd(text: &str) -> BTreeSet<String> {
    let Some((_, bindings)) = text.split_once("bindings = [") else {
        return BTreeSet::new();
    };
    let quoted = |line: &str, key: &str| {
        let (_, rest) = line.split_once(&format!("{key} = \""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let names = bindings.lines().filter_map(|line| {
        let name = quoted(line, "(name")?;
        Some(match quoted(line, "durableObjectNamespace") {
            Some(class) => format!("{name} = {class}"),
            None => name,
        })
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_configurations_are_read_into_the_same_form() {
        let dry_run = "Your Worker has access to the following bindings:\n\
            env.ROUTER (Router)                 Durable Object\n\
            env.ASSETS                          Assets\n\
            env.CHAT_ORIGIN (\"https://chat\")    Environment Variable\n\n--dry-run: exiting now.\n";
        let workerd = "durableObjectNamespaces = [\n(className = \"Router\")],\nbindings = [\n\
            (name = \"ROUTER\", durableObjectNamespace = \"Router\"),\n\
            (name = \"ASSETS\", service = \"assets\"),\n\
            (name = \"CHAT_ORIGIN\", fromEnvironment = \"THROUGHLINE_CHAT_ORIGIN\"),\n],";
        let expected: BTreeSet<_> = ["ASSETS", "CHAT_ORIGIN", "ROUTER = Router"].map(str::to_owned).into();
        assert_eq!(of_dry_run(dry_run), expected);
        assert_eq!(of_workerd(workerd), expected);
    }
}

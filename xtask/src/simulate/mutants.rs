//! The ways to break the code: each replaces one passage that stands exactly once in one file.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::project::Project;

/// Where they are written down.
const FILE: &str = "tests/simulation/mutants.toml";

/// One way to break the code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// A short name.
    pub name: String,
    /// Which promise is broken, as a person would say it.
    pub breaks: String,
    /// The file, from the root of the repository.
    pub file: String,
    /// The passage, as it stands there.
    pub find: String,
    /// What stands there instead.
    pub replace: String,
}

/// All of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutants {
    /// In the order of the file.
    pub mutant: Vec<Mutant>,
}

impl Mutants {
    /// Reads the file.
    pub fn of(project: &Project) -> Result<Self> {
        let text =
            fs::read_to_string(project.path(FILE)).with_context(|| format!("{FILE} cannot be read."))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not what is expected."))
    }

    /// Those whose name holds this; all of them if nothing is said.
    pub fn named(self, part: Option<&str>) -> Result<Vec<Mutant>> {
        let wanted = |mutant: &Mutant| part.is_none_or(|part| mutant.name.contains(part));
        let found: Vec<_> = self.mutant.into_iter().filter(wanted).collect();
        if found.is_empty() {
            bail!("{FILE} has nothing whose name holds `{}`.", part.unwrap_or_default());
        }
        Ok(found)
    }
}

impl Mutant {
    /// The text of the file with the passage replaced.
    pub fn apply(&self, text: &str) -> Result<String> {
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            0 => {
                bail!("{}: the passage no longer stands in {}. Look how it reads now.", self.name, self.file)
            }
            many => bail!("{}: the passage stands {many} times in {}. Say more of it.", self.name, self.file),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_way_to_break_the_code_still_finds_its_passage() {
        let project = Project::here().unwrap();
        let mutants = Mutants::of(&project).unwrap().mutant;
        assert!(mutants.len() >= 12, "a dozen ways at least");
        let names: BTreeSet<_> = mutants.iter().map(|mutant| &mutant.name).collect();
        assert_eq!(names.len(), mutants.len(), "each has a name of its own");
        for mutant in &mutants {
            let text = fs::read_to_string(project.path(&mutant.file)).unwrap();
            let broken = mutant.apply(&text).unwrap();
            assert_ne!(broken, text, "{} changes something", mutant.name);
        }
    }

    #[test]
    fn a_passage_that_stands_twice_or_not_at_all_is_refused() {
        let mutant = Mutant {
            name: "n".into(),
            breaks: "b".into(),
            file: "f".into(),
            find: "one".into(),
            replace: "two".into(),
        };
        assert_eq!(mutant.apply("just one").unwrap(), "just two");
        assert!(mutant.apply("one and one").is_err());
        assert!(mutant.apply("none at all".replace("one", "1").as_str()).is_err());
    }
}

//! Programs that extend cargo, installed when the machine lacks them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::progress;
use crate::workspace::Workspace;

/// A program of crates.io.
pub struct CargoTool {
    /// The name of the package and of its program.
    pub name: &'static str,
    /// The version that is installed: findings change from one to the next.
    pub version: &'static str,
    /// Features of the package that its program needs.
    pub features: &'static [&'static str],
    /// How long that takes, for who waits.
    pub duration: &'static str,
}

impl CargoTool {
    /// One that the contributor has, else one that an earlier run installed, else one that is installed now.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn find_or_install(&self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let installed = workspace.tools().join("bin").join(self.name);
        let works = |program: &Path| {
            Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
        };
        if let Some(found) = [PathBuf::from(self.name), installed.clone()].into_iter().find(|program| works(program)) {
            return Ok(found);
        }
        let build = workspace.tools().join("build");
        progress::step(&format!("installing {} {} ({})", self.name, self.version, self.duration), || {
            let mut install = workspace.cargo();
            install.args(["install", "--locked", self.name, "--version", self.version]);
            install.args(self.features.iter().flat_map(|feature| ["--features", feature]));
            progress::run(install.arg("--root").arg(workspace.tools()).arg("--target-dir").arg(&build))
        })?;
        // Several hundred megabytes that nothing reads again.
        std::fs::remove_dir_all(&build)?;
        Ok(installed)
    }

    /// Says loudly what does not run without it.
    pub fn not_run(&self, what: &str, step: &str, error: &anyhow::Error) {
        progress::not_run(
            what,
            &format!("{} is not on this machine and could not be installed: {error:#}", self.name),
            &format!("cargo install --locked {}, then cargo xtask test --only {step}", self.name),
        );
    }
}

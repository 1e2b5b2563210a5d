//! `lagward-certs issue`

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use tempfile::Builder;

use super::complaint::Complaint;
use super::terms::{Terms, moment};
use super::{Exit, print};
use crate::bundle::Bundle;
use crate::issue::{Issued, issue};

/// Write a CA and a certificate of it to files: ca.crt, tls.crt and tls.key
///
/// The CA's key is thrown away: a further certificate comes with a CA of its own.
#[derive(Args)]
pub(super) struct Issue {
    /// A DNS name or address of the server
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    terms: Terms,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

impl Issue {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let now = SystemTime::now();
        let Issued { leaf, ca } = issue(&self.terms.order(self.names.clone()), now)
            .map_err(|error| Complaint::new(format!("cannot make a certificate: {error}")))?;
        let ca = Bundle::default().with(&ca).to_pem();
        let files = [("tls.key", 0o600, leaf.key), ("tls.crt", 0o644, leaf.cert), ("ca.crt", 0o644, ca)];
        if let Some(there) = files.iter().map(|(name, ..)| self.out.join(name)).find(|file| file.exists())
            && !self.force
        {
            return Err(Complaint::new(format!("{} is there already", there.display()))
                .with_help("--force writes over it"));
        }
        for (name, mode, content) in &files {
            let file = self.out.join(name);
            write(&self.out, &file, *mode, content)
                .map_err(|error| Complaint::new(format!("cannot write {}: {error}", file.display())))?;
        }
        let (names, end) = (self.names.join(", "), moment(now + self.terms.lifetime));
        print(&format!(
            "wrote ca.crt, tls.crt and tls.key to {}: {names}, until {end}\n",
            self.out.display()
        ));
        Ok(Exit::Clean)
    }
}

/// Each file is there whole or not at all, and a key is never readable by others, not even for a moment.
fn write(dir: &Path, file: &Path, mode: u32, content: &str) -> std::io::Result<()> {
    let mut temporary = Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(dir)?;
    temporary.write_all(content.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map(drop).map_err(|error| error.error)
}

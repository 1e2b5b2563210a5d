//! SHA-256 as text.

use sha2::{Digest, Sha256};

/// The SHA-256 of these bytes, one behind the other, in 64 hexadecimal digits.
pub(crate) fn sha256(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

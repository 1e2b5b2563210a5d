//! Reading a body: bounded in size, and bounded together with all the others.

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use prometheus_client::metrics::gauge::Gauge;

use super::limits::{INLINE_BODY, MAX_BODY};
use super::refusal::HttpRefusal;

/// Reads `body` to its end, charging every byte that arrived to `held`, which may hold `most` bytes.
///
/// Bytes are charged when they arrive and not when they are announced: an announcement costs a client
/// nothing and must not take room from others.
///
/// # Errors
/// When the body is larger than [`MAX_BODY`], breaks off, or there is no room for it.
pub(super) async fn read(mut body: Body, held: &Gauge, most: usize) -> Result<Held, HttpRefusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAX_BODY {
        return Err(HttpRefusal::TooLarge);
    }
    let mut charge = Charge { held: held.clone(), bytes: 0 };
    let mut parts = Parts::Empty;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HttpRefusal::Broken)?;
        let Ok(data) = frame.into_data() else { continue };
        charge.add(data.len(), most)?;
        parts = parts.and(data, announced);
    }
    Ok(Held { bytes: parts.into_bytes(), _charge: charge })
}

/// A whole body. Its bytes are given back when it is dropped.
pub(super) struct Held {
    bytes: Bytes,
    _charge: Charge,
}

impl Held {
    /// The body. A method and not a field: a closure would take the field alone and leave the charge behind.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What arrived. A body that came in one piece, as most do, is never copied.
enum Parts {
    Empty,
    One(Bytes),
    Many(Vec<u8>),
}

impl Parts {
    fn and(self, data: Bytes, announced: usize) -> Self {
        let mut all = match self {
            Self::Empty => return Self::One(data),
            Self::One(first) => {
                let room = announced.min(INLINE_BODY).max(first.len() + data.len());
                let mut all = Vec::with_capacity(room);
                all.extend_from_slice(&first);
                all
            }
            Self::Many(all) => all,
        };
        if all.len() + data.len() > all.capacity() {
            // All the rest at once, now that the client has sent enough to be believed.
            all.reserve(data.len().max(announced.saturating_sub(all.len())));
        }
        all.extend_from_slice(&data);
        Self::Many(all)
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(all) => all.into(),
        }
    }
}

/// The share of one body in all that is held.
struct Charge {
    held: Gauge,
    bytes: usize,
}

impl Charge {
    fn add(&mut self, bytes: usize, most: usize) -> Result<(), HttpRefusal> {
        self.bytes += bytes;
        let before = self.held.inc_by(signed(bytes));
        if self.bytes > MAX_BODY {
            return Err(HttpRefusal::TooLarge);
        }
        if before + signed(bytes) > signed(most) {
            return Err(HttpRefusal::Full);
        }
        Ok(())
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.held.dec_by(signed(self.bytes));
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_in_order() {
        for announced in [0, 6, usize::MAX >> 1] {
            let parts = Parts::Empty.and("ab".into(), announced.min(MAX_BODY));
            let parts =
                parts.and("cd".into(), announced.min(MAX_BODY)).and("ef".into(), announced.min(MAX_BODY));
            assert_eq!(parts.into_bytes(), "abcdef");
        }
    }

    #[test]
    fn a_body_beyond_the_bound_of_all_is_refused_and_gives_its_bytes_back() {
        let held = Gauge::default();
        let mut first = Charge { held: held.clone(), bytes: 0 };
        assert!(first.add(6, 10).is_ok());
        let mut second = Charge { held: held.clone(), bytes: 0 };
        assert!(matches!(second.add(6, 10), Err(HttpRefusal::Full)));
        drop(second);
        assert_eq!(held.get(), 6);
        drop(first);
        assert_eq!(held.get(), 0);
    }
}

//! Whoever watches that what may be served is trusted at every moment.

use std::time::SystemTime;

use lagward_certs::bundle::Bundle;
use lagward_certs::leaf::{Fault, Leaf};

use crate::api::{Api, NAME, SETTLE};
use crate::objects::Objects;

/// Everything that an API server may trust, or a webhook may serve.
#[derive(Default)]
pub(crate) struct Witness {
    leaves: Vec<Leaf>,
    bundles: Vec<(SystemTime, Vec<Vec<u8>>)>,
}

impl Witness {
    /// Looks after every change from now on, and panics at the first moment that is not safe.
    pub(crate) fn watch(api: &Api) {
        let mut witness = Self::default();
        api.world().watcher = Some(Box::new(move |objects, now| witness.look(objects, now)));
    }

    fn look(&mut self, objects: &Objects, now: SystemTime) {
        // A webhook may go on with any leaf that was ever there: its kubelet may be late.
        let tls = objects.state().tls.filter(|tls| !self.leaves.contains(tls));
        self.leaves.extend(tls);
        let bundles = objects.bundles();
        if self.bundles.last().is_none_or(|(_, last)| *last != bundles) {
            self.bundles.push((now, bundles));
        }
        // An API server may be late, too, but not later than it takes a bundle to settle.
        let stale = self.bundles.iter().skip(1).take_while(|(since, _)| *since + SETTLE <= now).count();
        self.bundles.drain(..stale);
        for leaf in &self.leaves {
            for bundle in self.bundles.iter().flat_map(|(_, bundles)| bundles) {
                match leaf.check(&Bundle::from_pem(bundle), &[NAME.to_owned()], now) {
                    Ok(_) | Err(Fault::Expired) => {}
                    Err(fault) => panic!("a served certificate is not trusted: {fault}"),
                }
            }
        }
    }
}

//! What is counted of connections and requests.

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// Why a busy server did not review a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fronts::webhook) enum Shed {
    /// The bodies of all requests together were too large.
    Memory,
    /// It was not judged in time.
    Deadline,
}

/// The admission port.
#[derive(Debug)]
pub(in crate::fronts::webhook) struct Server {
    refused: Family<RefusedLabels, Counter>,
    shed: Family<ShedLabels, Counter>,
    /// TLS handshakes that failed or took too long.
    pub(in crate::fronts::webhook) handshake_failures: Counter,
    /// Open connections of the TLS port.
    pub(in crate::fronts::webhook) connections: Gauge,
    /// Requests that have arrived and are not answered.
    pub(in crate::fronts::webhook) in_flight: Gauge,
    /// Bytes of bodies held; also the counter that bounds them.
    pub(in crate::fronts::webhook) body_bytes: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShedLabels {
    reason: &'static str,
}

impl Default for Server {
    fn default() -> Self {
        let shed = Family::<ShedLabels, Counter>::default();
        // `increase` does not see the step to a counter's first value: what alerts ask for starts at zero.
        for why in [Shed::Memory, Shed::Deadline] {
            let _ = shed.get_or_create(&why.label());
        }
        Self {
            shed,
            refused: Family::default(),
            handshake_failures: Counter::default(),
            connections: Gauge::default(),
            in_flight: Gauge::default(),
            body_bytes: Gauge::default(),
        }
    }
}

impl Server {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("refused_requests", "Requests that got no review, by status", self.refused.clone());
        let help = "Requests that got no review because the server was busy, also among the refused";
        registry.register("shed_requests", help, self.shed.clone());
        let help = "Requests that have arrived and are not answered";
        registry.register("in_flight_requests", help, self.in_flight.clone());
        let help = "Bytes of request bodies held at the moment";
        registry.register_with_unit("in_flight_body", help, Unit::Bytes, self.body_bytes.clone());
        registry.register("connections", "Open connections of the admission port", self.connections.clone());
        let help = "TLS handshakes that failed or took too long";
        registry.register("tls_handshake_failures", help, self.handshake_failures.clone());
    }

    /// Counts a request that got no review.
    pub(in crate::fronts::webhook) fn refused(&self, status: StatusCode) {
        self.refused.get_or_create(&RefusedLabels { status: status.as_u16() }).inc();
    }

    /// Counts a request that got no review because the server was busy.
    pub(in crate::fronts::webhook) fn shed(&self, why: Shed) {
        self.shed.get_or_create(&why.label()).inc();
    }
}

impl Shed {
    const fn label(self) -> ShedLabels {
        ShedLabels {
            reason: match self {
                Self::Memory => "memory",
                Self::Deadline => "deadline",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fronts::webhook::metrics::Metrics;

    #[test]
    fn what_was_shed_is_counted_by_its_reason() {
        let metrics = Metrics::new(None, None);
        metrics.server.refused(StatusCode::SERVICE_UNAVAILABLE);
        metrics.server.shed(Shed::Memory);
        let text = metrics.encode();
        for line in [
            "lagward_refused_requests_total{status=\"503\"} 1\n",
            "lagward_shed_requests_total{reason=\"memory\"} 1\n",
            "lagward_shed_requests_total{reason=\"deadline\"} 0\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}

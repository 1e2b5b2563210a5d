//! The watches as metrics, computed when they are asked for: an age grows by itself.

use std::fmt::{self, Debug};
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::Cluster;

impl Cluster {
    /// What `/metrics` shows of the watches.
    pub fn collector(self: &Arc<Self>) -> Box<dyn Collector> {
        Box::new(Watches(Arc::clone(self)))
    }
}

#[derive(Debug)]
struct Watches(Arc<Cluster>);

impl Collector for Watches {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time since the API server was last heard";
        let mut ages =
            encoder.encode_descriptor("watch_age", help, Some(&Unit::Seconds), MetricType::Gauge)?;
        for (resource, health) in &self.0.watches {
            if let Some(age) = health.age() {
                ages.encode_family(&[("watch", resource.plural())])?.encode_gauge(&age.as_secs_f64())?;
            }
        }
        let help = "Whether all objects have been listed";
        let mut complete = encoder.encode_descriptor("watch_complete", help, None, MetricType::Gauge)?;
        for (resource, health) in &self.0.watches {
            let value = i64::from(health.is_complete());
            complete.encode_family(&[("watch", resource.plural())])?.encode_gauge(&value)?;
        }
        let help = "Objects that are known";
        let mut objects = encoder.encode_descriptor("watch_objects", help, None, MetricType::Gauge)?;
        for (resource, health) in &self.0.watches {
            let value = i64::try_from(health.objects()).unwrap_or(i64::MAX);
            objects.encode_family(&[("watch", resource.plural())])?.encode_gauge(&value)?;
        }
        let help = "How often all objects were listed anew";
        let mut restarts = encoder.encode_descriptor("watch_restarts", help, None, MetricType::Counter)?;
        for (resource, health) in &self.0.watches {
            let labels = [("watch", resource.plural())];
            let mut family = restarts.encode_family(&labels)?;
            family.encode_counter::<NoLabelSet, u64, f64>(&health.restarts(), None)?;
        }
        Ok(())
    }
}

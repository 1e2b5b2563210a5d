//! The narrow type that kube's watcher carries: an object's identity and what is kept of it, distilled while its
//! text is read.

use std::borrow::Cow;
use std::marker::PhantomData;

use kube::api::ObjectMeta;
use kube::core::{ApiResource, NamespaceResourceScope};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

use super::resource::Resource;
use super::snapshot::{Entry, Id};

/// A resource as a type, by which kube knows what to decode.
pub(super) trait Watched: Send + Sync + 'static {
    const RESOURCE: Resource;
}

macro_rules! watched {
    ($($name:ident),*) => {$(
        #[derive(Debug)]
        pub(super) enum $name {}
        impl Watched for $name {
            const RESOURCE: Resource = Resource::$name;
        }
    )*};
}
watched!(Deployments, StatefulSets, ScaledObjects, KafkaTopics, Namespaces);

/// One object of a list or of a watch.
pub(super) struct Row<W> {
    /// Name, namespace and resourceVersion, which the watcher goes on from.
    meta: ObjectMeta,
    entry: Entry,
    is_unreadable: bool,
    of: PhantomData<W>,
}

impl<W> Row<W> {
    /// Which object it is, and what is kept of it; none for an object without a name.
    pub(super) fn into_parts(self) -> Option<(Id, Entry)> {
        let name = self.meta.name.filter(|name| !name.is_empty())?;
        Some((Id::new(self.meta.namespace.as_deref().unwrap_or_default(), &name), self.entry))
    }

    /// It could not be read, so that nothing is known of it but its name.
    pub(super) fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }
}

impl<'de, W: Watched> Deserialize<'de> for Row<W> {
    /// Never fails for what an object holds: one that cannot be read must not cost the list that it is in.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            <&RawValue>::deserialize(deserializer).map_err(|_| D::Error::custom("no JSON text"))?.get();
        let meta = identify(text);
        let entry = Entry::read(W::RESOURCE, text);
        Ok(Self {
            meta,
            is_unreadable: entry.is_err(),
            entry: entry.unwrap_or_else(|_| Entry::unreadable(W::RESOURCE)),
            of: PhantomData,
        })
    }
}

/// What names the object of this text; nothing where nothing can be read.
pub(super) fn identify(text: &str) -> ObjectMeta {
    serde_json::from_str::<Identity<'_>>(text).map(Identity::into_meta).unwrap_or_default()
}

/// What names an object, whatever else it holds.
#[derive(serde::Deserialize)]
struct Identity<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_version: Option<Cow<'a, str>>,
}

impl Identity<'_> {
    fn into_meta(self) -> ObjectMeta {
        let Metadata { name, namespace, resource_version } = self.metadata;
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        ObjectMeta {
            name: owned(name),
            namespace: owned(namespace),
            resource_version: owned(resource_version),
            ..ObjectMeta::default()
        }
    }
}

impl<W> Clone for Row<W> {
    fn clone(&self) -> Self {
        let Self { meta, entry, is_unreadable, .. } = self;
        Self { meta: meta.clone(), entry: entry.clone(), is_unreadable: *is_unreadable, of: PhantomData }
    }
}

/// Without what the object holds.
impl<W> std::fmt::Debug for Row<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("name", &self.meta.name).finish_non_exhaustive()
    }
}

impl<W: Watched> kube::Resource for Row<W> {
    type DynamicType = ApiResource;
    type Scope = NamespaceResourceScope;

    fn kind(api: &ApiResource) -> Cow<'_, str> {
        Cow::Borrowed(&api.kind)
    }

    fn group(api: &ApiResource) -> Cow<'_, str> {
        Cow::Borrowed(&api.group)
    }

    fn version(api: &ApiResource) -> Cow<'_, str> {
        Cow::Borrowed(&api.version)
    }

    fn plural(api: &ApiResource) -> Cow<'_, str> {
        Cow::Borrowed(&api.plural)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}

//! What a name configures.

use Key::{
    Assignor, Group, Heartbeat, Instance, MaxPoll, Nothing, OffsetReset, Protocol, Rebalance, Session,
    Streams,
};

/// What a name configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Session,
    Heartbeat,
    MaxPoll,
    Group,
    Instance,
    Protocol,
    OffsetReset,
    Bootstrap,
    Topic,
    /// How long work in flight may take after SIGTERM.
    Drain,
    /// Partition assignors of the classic protocol.
    Assignor,
    /// The rebalance timeout of clients that have one apart from max.poll.interval.
    Rebalance,
    /// Only a Kafka broker has it.
    Broker,
    /// True: the member leaves its group when it stops, though it is static or Kafka Streams.
    Leaves,
    /// Only Kafka Streams has it, which always consumes.
    Streams,
    /// A topic that failed messages go to. It is none that is consumed, and no part of a channel's name.
    DeadLetter,
    /// Nobody reads it.
    Nothing,
}

impl Key {
    /// Whether only consumers have it. A broker address or a topic alone says nothing: producers have them.
    pub(super) fn is_of_a_consumer(self) -> bool {
        // Whoever sets what nobody reads means a consumer.
        matches!(self, Group | OffsetReset | Rebalance | Streams | Nothing) || self.tells_clients_apart()
    }

    /// Whether a client that has its own value of it must not be judged with another's values.
    pub(super) fn tells_clients_apart(self) -> bool {
        matches!(self, Session | Heartbeat | MaxPoll | Instance | Protocol | Assignor)
    }
}

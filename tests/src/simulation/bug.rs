//! Mistakes that can be planted on purpose, to see that the oracle notices them.

/// A mistake of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// None.
    None,
    /// A merged record is not sent back to whoever sent its half.
    EchoMissing,
    /// A page begins one stamp too late.
    CursorSkipsRow,
    /// Deletions are not passed on.
    TombstonesHidden,
    /// A repetition is not recognised.
    IdempotencyForgotten,
    /// Every edit counts as made on the newest revision.
    BaseIgnored,
    /// Conflicts are not written down.
    ConflictsDropped,
    /// What was refused is not written down.
    RefusedForgotten,
    /// What a change replaced is not written down.
    HistoryForgotten,
    /// What is undone stays.
    UndoForgotten,
    /// The digest is not kept up when a record is deleted.
    DigestDrifts,
    /// A snapshot lacks its last record.
    SnapshotShort,
}

impl Bug {
    /// All that are one.
    pub const PLANTED: [Self; 11] = [
        Self::EchoMissing,
        Self::CursorSkipsRow,
        Self::TombstonesHidden,
        Self::IdempotencyForgotten,
        Self::BaseIgnored,
        Self::ConflictsDropped,
        Self::RefusedForgotten,
        Self::HistoryForgotten,
        Self::UndoForgotten,
        Self::DigestDrifts,
        Self::SnapshotShort,
    ];
}

//! How much one round of sync may carry. Advertised at `/v1/limits`.

/// The most mutations of one request.
pub const MAX_MUTATIONS: usize = 500;

/// The most bytes of a sync request, after decompression.
pub const MAX_SYNC_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How many changes an answer has unless asked otherwise.
pub const DEFAULT_CHANGES: usize = 500;

/// How many changes an answer has at most; more is read as this.
pub const MAX_CHANGES: usize = 1_000;

/// About how many bytes the changes of an answer have unless asked otherwise.
pub const DEFAULT_ANSWER_BYTES: usize = 1024 * 1024;

/// About how many bytes the changes of an answer have at most; more is read as this. A single larger
/// record comes alone.
pub const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// The most bytes of a push of WatermelonDB, which sends everything at once.
pub const MAX_WATERMELONDB_BODY_BYTES: usize = 16 * 1024 * 1024;

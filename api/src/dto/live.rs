//! What the live stream needs besides itself.

use serde::Serialize;
use utoipa::ToSchema;

/// A ticket for the live stream.
#[derive(Serialize, ToSchema)]
pub struct StreamTicket {
    /// Send it as `?ticket=…`. It works once.
    pub ticket: String,
    /// For how many seconds it works.
    #[schema(examples(60))]
    pub expires_in: i64,
}

//! What travels: request bodies, answers, and their schemas.
//!
//! Bodies are described by the same kind of table as records ([`Shape`]), so one reader reports all
//! faults of a body at once and one writer makes its schema. **Must never** decide anything.

pub mod account;
pub mod auth;
pub mod calendar_feed;
pub mod device;
pub mod draft;
pub mod follow_up;
pub mod follow_up_bodies;
pub mod live;
pub mod mail;
pub mod notification;
pub mod plan;
pub mod promise;
pub mod report;
pub mod rules;
pub mod rxdb;
pub mod schema;
pub mod sync;
pub mod sync_mutation;
pub mod sync_pull;
pub mod sync_result;
pub mod system;
pub mod tact;
pub mod watermelondb;
pub mod webhook;
pub mod webhook_events;

use crate::error::ApiError;
use afterview_domain::entities::Shape;
use afterview_domain::entities::parse::parse_shape;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A request body described by a table of fields.
pub trait Body: DeserializeOwned {
    /// Its fields.
    const SHAPE: &'static Shape;

    /// Reads the body.
    ///
    /// # Errors
    /// [`Code::ValidationFailed`](crate::error::Code::ValidationFailed) with every fault found.
    fn read(map: &Map<String, Value>) -> Result<Self, ApiError> {
        let fields = parse_shape(Self::SHAPE, map)?;
        serde_json::from_value(Value::Object(fields)).map_err(ApiError::internal)
    }
}

/// Makes a type a [`Body`] with a schema for the OpenAPI document.
macro_rules! body {
    ($type:ty, $shape:expr) => {
        impl $crate::dto::Body for $type {
            const SHAPE: &'static afterview_domain::entities::Shape = &$shape;
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::dto::schema::of_shape(&$shape, $crate::dto::schema::Side::Create)
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $shape.name.into()
            }

            fn schemas(into: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
                $crate::dto::schema::nested(&$shape, $crate::dto::schema::Side::Create, into);
            }
        }
    };
}
pub(crate) use body;

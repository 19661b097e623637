//! The tables as diesel sees them. Must equal what the migrations make; a test compares.

diesel::table! {
    accounts (account_id) {
        account_id -> Text,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        locked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (account_id, session_id) {
        account_id -> Text,
        session_id -> Text,
        device_name -> Nullable<Text>,
        platform -> Nullable<Text>,
        app_id -> Nullable<Text>,
        app_version -> Nullable<Text>,
        refresh_hash -> Text,
        rotated_at -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        rotation_salt -> Nullable<Text>,
        watermelondb_pulls -> Nullable<Text>,
    }
}

diesel::table! {
    used_refresh_tokens (account_id, token_hash) {
        account_id -> Text,
        token_hash -> Text,
        session_id -> Text,
        used_at -> BigInt,
    }
}

diesel::table! {
    account_sync (account_id) {
        account_id -> Text,
        epoch -> BigInt,
        last_stamp -> BigInt,
        gc_floor -> BigInt,
        digest -> BigInt,
        live_records -> BigInt,
        webhooks -> BigInt,
    }
}

diesel::table! {
    records (account_id, collection, id) {
        account_id -> Text,
        collection -> Text,
        id -> Text,
        rev -> BigInt,
        created_rev -> BigInt,
        deleted_rev -> Nullable<BigInt>,
        cascade_of -> Nullable<Text>,
        txn -> BigInt,
        opportunity_id -> Nullable<Text>,
        sort_at -> Nullable<BigInt>,
        doc -> Text,
        field_meta -> Text,
        extra -> Nullable<Text>,
    }
}

diesel::table! {
    record_revs (account_id, rev) {
        account_id -> Text,
        rev -> BigInt,
        collection -> Text,
        id -> Text,
        device_id -> Text,
        mutation_id -> Nullable<Text>,
        changed -> Text,
    }
}

diesel::table! {
    mutations (account_id, mutation_id) {
        account_id -> Text,
        mutation_id -> Text,
        device_id -> Text,
        fingerprint -> Text,
        status -> Text,
        rev -> Nullable<BigInt>,
        result -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    lost_intervals (account_id, epoch) {
        account_id -> Text,
        epoch -> BigInt,
        invalid_from -> BigInt,
        invalid_to -> BigInt,
    }
}

diesel::table! {
    stream_tickets (account_id, ticket_hash) {
        account_id -> Text,
        ticket_hash -> Text,
        session_id -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        etag -> Nullable<BigInt>,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    plans (account_id, opportunity_id) {
        account_id -> Text,
        opportunity_id -> Text,
        versions -> Text,
        next_change_at -> Nullable<BigInt>,
        outline -> Text,
        changed_at -> Nullable<BigInt>,
        changes -> Text,
        leased_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    reminders (account_id, action_key) {
        account_id -> Text,
        action_key -> Text,
        opportunity_id -> Text,
        follow_up_id -> Text,
        kind -> Text,
        remind_at -> BigInt,
        ideal -> BigInt,
        snoozed_until -> Nullable<BigInt>,
        useful_until -> BigInt,
        version -> BigInt,
        leased_until -> Nullable<BigInt>,
        dispatched_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        attempts -> Integer,
    }
}

diesel::table! {
    devices (account_id, session_id) {
        account_id -> Text,
        session_id -> Text,
        reported_at -> BigInt,
        time_zone -> Nullable<Text>,
        locale -> Nullable<Text>,
        app_version -> Nullable<Text>,
        scheduled_through -> BigInt,
        push_kind -> Nullable<Text>,
        push_address -> Nullable<Text>,
        push_keys -> Nullable<Text>,
        push_hash -> Nullable<Text>,
        push_refused_at -> Nullable<BigInt>,
        parked_until -> Nullable<BigInt>,
        poked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (account_id, id) {
        account_id -> Text,
        id -> Text,
        attempted_at -> BigInt,
        purpose -> Text,
        action_key -> Nullable<Text>,
        follow_up_id -> Nullable<Text>,
        kind -> Nullable<Text>,
        occurrence -> BigInt,
        session_id -> Nullable<Text>,
        way -> Nullable<Text>,
        outcome -> Text,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    identities (account_id, identity_hash) {
        account_id -> Text,
        identity_hash -> Text,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    password_resets (account_id, token_hash) {
        account_id -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    access_tokens (account_id, token_id) {
        account_id -> Text,
        token_id -> Text,
        name -> Text,
        token_hash -> Text,
        scope -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_events (account_id, id) {
        account_id -> Text,
        id -> Text,
        at -> BigInt,
        kind -> Text,
        session_id -> Nullable<Text>,
        about -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (account_id, webhook_id) {
        account_id -> Text,
        webhook_id -> Text,
        url -> Text,
        description -> Nullable<Text>,
        events -> Text,
        secret -> Text,
        previous_secret -> Nullable<Text>,
        previous_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
        disabled_reason -> Nullable<Text>,
        failures -> Integer,
        last_delivered_at -> Nullable<BigInt>,
        paused_until -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        leased_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhook_deliveries (account_id, id) {
        account_id -> Text,
        id -> Text,
        webhook_id -> Text,
        event -> Text,
        payload -> Nullable<Text>,
        created_at -> BigInt,
        attempts -> Integer,
        attempted_at -> Nullable<BigInt>,
        last_status -> Nullable<Integer>,
        detail -> Nullable<Text>,
        outcome -> Text,
        next_attempt_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    calendar_feeds (account_id, feed_id) {
        account_id -> Text,
        feed_id -> Text,
        name -> Text,
        secret_hash -> Text,
        detail -> Text,
        components -> Text,
        alarms -> Integer,
        created_at -> BigInt,
        last_read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    erased_accounts (account_id) {
        account_id -> Text,
        erased_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(records, plans);
diesel::allow_tables_to_appear_in_same_query!(devices, sessions);

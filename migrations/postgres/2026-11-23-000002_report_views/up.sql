-- Plain columns for people who write reports. Read only; live records only; each reader sees what the
-- wall lets them see in records.

CREATE VIEW opportunities WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'employer' AS employer,
    doc::json ->> 'role' AS role,
    doc::json ->> 'interest' AS interest,
    doc::json ->> 'closed' AS closed,
    doc::json ->> 'contact_policy' AS contact_policy,
    doc::json ->> 'via_agency' AS via_agency,
    doc::json ->> 'source' AS source,
    doc::json ->> 'region' AS region,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'opportunities' AND deleted_rev IS NULL;

CREATE VIEW contacts WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'name' AS name,
    doc::json ->> 'role' AS role,
    doc::json ->> 'preferred' AS preferred,
    doc::json ->> 'no_thanks' AS no_thanks,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'contacts' AND deleted_rev IS NULL;

CREATE VIEW interviews WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'round' AS round,
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'starts_at' AS starts_at,
    doc::json ->> 'ends_at' AS ends_at,
    doc::json ->> 'status' AS status,
    doc::json ->> 'next_step_owner' AS next_step_owner,
    doc::json ->> 'impression' AS impression,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'interviews' AND deleted_rev IS NULL;

CREATE VIEW expectations WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'interview_id' AS interview_id,
    doc::json ->> 'subject' AS subject,
    doc::json ->> 'text' AS "text",
    doc::json ->> 'spoken_at' AS spoken_at,
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'from' AS "from",
    doc::json ->> 'by' AS "by",
    doc::json ->> 'hedged' AS hedged,
    doc::json ->> 'ambiguous' AS ambiguous,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'expectations' AND deleted_rev IS NULL;

CREATE VIEW commitments WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'interview_id' AS interview_id,
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'title' AS title,
    doc::json ->> 'source' AS source,
    doc::json ->> 'spoken_at' AS spoken_at,
    doc::json ->> 'due' AS due,
    doc::json ->> 'status' AS status,
    doc::json ->> 'fulfilled_at' AS fulfilled_at,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'commitments' AND deleted_rev IS NULL;

CREATE VIEW follow_ups WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'action_key' AS action_key,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'interview_id' AS interview_id,
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'n' AS n,
    doc::json ->> 'channel' AS channel,
    doc::json ->> 'status' AS status,
    doc::json ->> 'sent_at' AS sent_at,
    doc::json ->> 'subject' AS subject,
    doc::json ->> 'title' AS title,
    doc::json ->> 'due_at' AS due_at,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'follow_ups' AND deleted_rev IS NULL;

CREATE VIEW replies WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'at' AS "at",
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'text' AS "text",
    doc::json ->> 'returns' AS returns,
    doc::json ->> 'deadline' AS deadline,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'replies' AND deleted_rev IS NULL;

CREATE VIEW offers WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'received_at' AS received_at,
    doc::json ->> 'deadline' AS deadline,
    doc::json ->> 'form' AS form,
    doc::json ->> 'status' AS status,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'offers' AND deleted_rev IS NULL;

CREATE VIEW supplements WITH (security_invoker = true) AS
SELECT account_id, id, rev,
    doc::json ->> 'opportunity_id' AS opportunity_id,
    doc::json ->> 'title' AS title,
    doc::json ->> 'kind' AS kind,
    doc::json ->> 'url' AS url,
    doc::json ->> 'earned_at' AS earned_at,
    doc::json ->> 'used_by' AS used_by,
    doc::json ->> 'created_at' AS created_at,
    doc::json ->> 'updated_at' AS updated_at
FROM records WHERE collection = 'supplements' AND deleted_rev IS NULL;

GRANT SELECT ON opportunities, contacts, interviews, expectations, commitments, follow_ups, replies, offers, supplements
    TO afterview_account;

-- Plain columns for people who write reports. Read only; live records only.

CREATE VIEW opportunities AS
SELECT account_id, id, rev,
    json_extract(doc, '$.employer') AS employer,
    json_extract(doc, '$.role') AS role,
    json_extract(doc, '$.interest') AS interest,
    json_extract(doc, '$.closed') AS closed,
    json_extract(doc, '$.contact_policy') AS contact_policy,
    json_extract(doc, '$.via_agency') AS via_agency,
    json_extract(doc, '$.source') AS source,
    json_extract(doc, '$.region') AS region,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'opportunities' AND deleted_rev IS NULL;

CREATE VIEW contacts AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.name') AS name,
    json_extract(doc, '$.role') AS role,
    json_extract(doc, '$.preferred') AS preferred,
    json_extract(doc, '$.no_thanks') AS no_thanks,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'contacts' AND deleted_rev IS NULL;

CREATE VIEW interviews AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.round') AS round,
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.starts_at') AS starts_at,
    json_extract(doc, '$.ends_at') AS ends_at,
    json_extract(doc, '$.status') AS status,
    json_extract(doc, '$.next_step_owner') AS next_step_owner,
    json_extract(doc, '$.impression') AS impression,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'interviews' AND deleted_rev IS NULL;

CREATE VIEW expectations AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.interview_id') AS interview_id,
    json_extract(doc, '$.subject') AS subject,
    json_extract(doc, '$.text') AS "text",
    json_extract(doc, '$.spoken_at') AS spoken_at,
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.from') AS "from",
    json_extract(doc, '$.by') AS "by",
    json_extract(doc, '$.hedged') AS hedged,
    json_extract(doc, '$.ambiguous') AS ambiguous,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'expectations' AND deleted_rev IS NULL;

CREATE VIEW commitments AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.interview_id') AS interview_id,
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.title') AS title,
    json_extract(doc, '$.source') AS source,
    json_extract(doc, '$.spoken_at') AS spoken_at,
    json_extract(doc, '$.due') AS due,
    json_extract(doc, '$.status') AS status,
    json_extract(doc, '$.fulfilled_at') AS fulfilled_at,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'commitments' AND deleted_rev IS NULL;

CREATE VIEW follow_ups AS
SELECT account_id, id, rev,
    json_extract(doc, '$.action_key') AS action_key,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.interview_id') AS interview_id,
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.n') AS n,
    json_extract(doc, '$.channel') AS channel,
    json_extract(doc, '$.status') AS status,
    json_extract(doc, '$.sent_at') AS sent_at,
    json_extract(doc, '$.subject') AS subject,
    json_extract(doc, '$.title') AS title,
    json_extract(doc, '$.due_at') AS due_at,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'follow_ups' AND deleted_rev IS NULL;

CREATE VIEW replies AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.at') AS "at",
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.text') AS "text",
    json_extract(doc, '$.returns') AS returns,
    json_extract(doc, '$.deadline') AS deadline,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'replies' AND deleted_rev IS NULL;

CREATE VIEW offers AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.received_at') AS received_at,
    json_extract(doc, '$.deadline') AS deadline,
    json_extract(doc, '$.form') AS form,
    json_extract(doc, '$.status') AS status,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'offers' AND deleted_rev IS NULL;

CREATE VIEW supplements AS
SELECT account_id, id, rev,
    json_extract(doc, '$.opportunity_id') AS opportunity_id,
    json_extract(doc, '$.title') AS title,
    json_extract(doc, '$.kind') AS kind,
    json_extract(doc, '$.url') AS url,
    json_extract(doc, '$.earned_at') AS earned_at,
    json_extract(doc, '$.used_by') AS used_by,
    json_extract(doc, '$.created_at') AS created_at,
    json_extract(doc, '$.updated_at') AS updated_at
FROM records WHERE collection = 'supplements' AND deleted_rev IS NULL;

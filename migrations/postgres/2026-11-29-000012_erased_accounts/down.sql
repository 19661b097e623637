DROP TABLE erased_accounts;
DROP POLICY directory_select ON lost_intervals;
REVOKE SELECT (account_id, invalid_from, invalid_to) ON lost_intervals FROM afterview_directory;

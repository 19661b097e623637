DROP TABLE erased_accounts;

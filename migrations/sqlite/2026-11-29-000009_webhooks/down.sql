DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
ALTER TABLE account_sync DROP COLUMN webhooks;

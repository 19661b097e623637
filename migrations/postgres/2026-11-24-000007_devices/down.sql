DROP TABLE deliveries;
DROP TABLE devices;

"""The test kit: real PostgreSQL, real Kafka, processes to kill, waiting until all is settled."""

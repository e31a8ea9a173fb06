"""The tables of the embedded log, and the channel on which it wakes its readers."""

CHANNEL = "wcoplan_log"

# `log_partition` is updated with every append: room on its page keeps the update in place.
SCHEMA = """
    CREATE TABLE IF NOT EXISTS log_topic (
        name text PRIMARY KEY,
        max_message_bytes int NOT NULL
    );
    CREATE TABLE IF NOT EXISTS log_partition (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL REFERENCES log_topic,
        partition int NOT NULL,
        start_offset bigint NOT NULL DEFAULT 0,
        next_offset bigint NOT NULL DEFAULT 0,
        UNIQUE (topic, partition)
    ) WITH (fillfactor = 20);
    CREATE TABLE IF NOT EXISTS log_record (
        partition_id int NOT NULL,
        position bigint NOT NULL,
        key bytea,
        value bytea,
        headers text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (partition_id, position)
    );
"""

"""What goes in and what comes out: records, their schemas, topics and Kafka headers."""

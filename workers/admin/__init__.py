"""What an operator does to Telex's topics and consumer group: plans first, then changes, nothing deleted."""

"""A first look at Telex on one machine: broker, topics, worker, articles and a live view of the events."""

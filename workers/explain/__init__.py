"""One enriched article marked up for people: mentions, source credits, events with roles and evidence."""

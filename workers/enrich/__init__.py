"""From an article to an enriched article: pure, and the same in worker, batch command and tests."""

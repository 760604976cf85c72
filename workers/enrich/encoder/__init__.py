"""One small multilingual network that finds names and triggers of events, as a spaCy component."""

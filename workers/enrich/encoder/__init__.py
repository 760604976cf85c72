"""One small multilingual network that recognises names, as a spaCy component."""

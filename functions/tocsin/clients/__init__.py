"""The real things behind the names: documents, topics, timers, telephones."""

"""Finding tickets: by number, by words, by a saved filter."""

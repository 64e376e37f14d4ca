"""Django's backend for PostgreSQL, with a cheaper look at a connection that was in use a moment ago."""

"""A Django database backend for PostgreSQL with a cheaper check of connections that were used a moment ago."""

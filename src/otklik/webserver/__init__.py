"""The HTTP server: takes requests in and answers out, at whatever speed the other side has."""

"""The HTTP server: buffers requests and responses, so that slow clients hold no worker thread."""

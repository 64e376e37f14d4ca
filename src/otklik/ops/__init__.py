"""For operators: health and metrics."""

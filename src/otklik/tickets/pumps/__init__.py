"""What the worker does with tickets by itself."""

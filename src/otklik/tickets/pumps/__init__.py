"""The worker's pumps for tickets."""

"""The demo: a desk with a story, one with a past, and a post office to play the customer."""

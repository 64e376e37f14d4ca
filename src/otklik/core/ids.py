"""Parse ids that come in URLs and forms."""

# As many as every 64-bit number may have.
_DIGITS = 18


def typed_id(text: str) -> int:
    """The id that was sent; 0, which is no row's, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0

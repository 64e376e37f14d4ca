"""Parse ids that come in URLs and forms."""

# As many as every 64-bit number may have.
_DIGITS = 18


def typed_id(words: str) -> int:
    """The id that was sent; 0, which is no row's, for anything else."""
    return int(words) if words.isascii() and words.isdigit() and len(words) <= _DIGITS else 0

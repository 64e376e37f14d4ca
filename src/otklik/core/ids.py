"""Parse integer ids from URLs and form fields."""

# Every number with this many digits fits into a bigint.
_DIGITS = 18


def typed_id(text: str) -> int:
    """Parse a positive integer id; return 0, which no row has, for anything else or beyond 18 digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0

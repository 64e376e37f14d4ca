"""Parse integer ids from URLs and form fields."""

# Every number with this many digits fits into 64 bits.
_DIGITS = 18


def typed_id(text: str) -> int:
    """The id in `text`; 0, which no row has, if it is not a number of 64 bits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0

"""Remove comments and style sheets from HTML, which word processors write by the megabyte."""

_PAIRS = ((b"<!--", b"-->"), (b"<style", b"</style"))


def without_unseen(data: bytes) -> bytes:
    """Remove comments and the contents of styles; an unclosed one is left. Linear."""
    for begin, end in _PAIRS:
        data = _without(data, begin, end)
    return data


def _without(data: bytes, begin: bytes, end: bytes) -> bytes:
    small, pieces, at = data.lower(), list[bytes](), 0
    while (start := small.find(begin, at)) >= 0 and (stop := small.find(end, start + len(begin))) >= 0:
        pieces.append(data[at:start])
        at = small.find(b">", stop) + 1
        if not at:
            return b"".join(pieces)
    return b"".join([*pieces, data[at:]])

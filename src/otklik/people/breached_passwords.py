"""A list of breached passwords on the operator's own disk (OTKLIK_BREACHED_PASSWORDS); nobody else is asked.

The form in which such lists are handed out: lines "SHA-1 in capitals", with anything after a colon, sorted by hash.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_LENGTH = 40
# Below so many bytes reading on is quicker than halving.
_NEAR = 4096


def is_breached(password: str) -> bool:
    """Whether the list has it; False without a list. Reads some kilobytes, however long the list is."""
    if not settings.BREACHED_PASSWORDS:
        return False
    # SHA-1 is how the lists are written; nothing is kept by it.
    wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()
    path = Path(settings.BREACHED_PASSWORDS)
    with path.open("rb") as file:
        return _has(file, wanted, path.stat().st_size)


def _has(file: BinaryIO, wanted: bytes, size: int) -> bool:
    low, high = 0, size
    while high - low > _NEAR:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        if file.readline()[:_LENGTH].upper() < wanted:
            low = middle
        else:
            high = middle
    file.seek(low)
    if low:
        file.readline()
    for line in file:
        prefix = line[:_LENGTH].upper()
        if prefix >= wanted:
            return prefix == wanted
    return False

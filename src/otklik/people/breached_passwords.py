"""Look up passwords in a local list of breached ones (OTKLIK_BREACHED_PASSWORDS), without any network service.

The list has the usual format: lines of upper-case SHA-1 hashes, each optionally followed by a colon and a count, sorted
by hash.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_LENGTH = 40
# Below this many bytes a linear scan beats bisecting further.
_NEAR = 4096


def is_breached(password: str) -> bool:
    """Whether the password is on the list; False if no list is set.

    Bisects the file, so that it reads a few kilobytes however long the list is. Raises OSError if the file cannot be
    read.
    """
    if not settings.BREACHED_PASSWORDS:
        return False
    # The lists use SHA-1; we store no such hash.
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

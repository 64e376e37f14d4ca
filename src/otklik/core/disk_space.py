"""Free disk space, of which a reserve is left to the database so that it stays up."""

import shutil
from pathlib import Path

LOW_WATER = 500 * 1024 * 1024
LOW_SHARE = 0.05


def is_short(place: Path) -> bool:
    """Return whether less than 500 MiB, or 5 % of a small disk, is free on the file system of `place`. The path need
    not exist."""
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    return usage.free < min(LOW_WATER, usage.total * LOW_SHARE)

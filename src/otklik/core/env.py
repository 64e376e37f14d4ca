"""Settings from the environment.

Every setting may be given as ``NAME`` or, for secrets that should not stand in the environment, as
``NAME_FILE`` with the path of a file that holds it.
"""

import ipaddress
import os
from pathlib import Path


class BadSetting(Exception):
    """A setting has a value that cannot be used; the message names it and says what is expected."""


def text(name: str, default: str = "") -> str:
    """The value of ``name`` (or of the file that ``NAME_FILE`` names), stripped; ``default`` where unset or empty.

    Raises BadSetting when ``NAME_FILE`` names a file that cannot be read.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return default
    try:
        return Path(path).read_text(encoding="utf-8").strip() or default
    except OSError as error:
        raise BadSetting(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


def flag(name: str, default: bool = False) -> bool:
    """A yes or no. Raises BadSetting for anything but 1/0, true/false, yes/no, on/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {value!r}")


def integer(name: str, default: int, least: int = 0) -> int:
    """A whole number of at least ``least``. Raises BadSetting for anything else."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from None
    if number < least:
        raise BadSetting(f"{name} must be at least {least}, not {number}")
    return number


def days(name: str, default: int, least: int) -> int:
    """A number of days, 0 for "for ever". Raises BadSetting for fewer than ``least``."""
    number = integer(name, default)
    if 0 < number < least:
        raise BadSetting(f"{name} must be 0 (for ever) or at least {least} days, not {number}")
    return number


def places(name: str, port: int) -> list[str]:
    """IP addresses with or without a port, blanks between, as "host:port"; none where unset. Raises BadSetting."""
    return [_place(name, place, port) for place in text(name).split()]


def _place(name: str, place: str, port: int) -> str:
    try:
        return f"{ipaddress.ip_address(place.strip('[]'))}:{port}"
    except ValueError:
        pass
    host, _colon, number = place.rpartition(":")
    try:
        return f"{ipaddress.ip_address(host.strip('[]'))}:{int(number)}"
    except ValueError:
        raise BadSetting(f"{name} must be IP addresses with or without a port, not {place!r}") from None

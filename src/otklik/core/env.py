"""Read typed settings from environment variables.

Every setting may be given as ``NAME`` or, for secrets that should not stand in the environment, as
``NAME_FILE`` with the path of a file that holds it.
"""

import ipaddress
import os
from pathlib import Path

# No setting is longer than 1 MiB; a hundred years count as "for ever".
_MOST, _MOST_DAYS = 1 << 20, 36_500


class BadSetting(Exception):
    """A setting has a value that cannot be used; the message names it and says what is expected."""


def text(name: str, default: str = "") -> str:
    """Return the value of ``name`` (or of the file that ``NAME_FILE`` names), stripped; ``default`` if unset or empty.

    Raises BadSetting if that file cannot be read, or if the value is not UTF-8.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return _in_utf8(name, value)
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return default
    try:
        with Path(path).open("rb") as file:
            return file.read(_MOST).decode().strip() or default
    except UnicodeDecodeError:
        raise BadSetting(f"{name}_FILE names {path}, which is no text in UTF-8") from None
    except OSError as error:
        raise BadSetting(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


def _in_utf8(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadSetting(f"{name} is no text in UTF-8") from None
    return value


def flag(name: str, default: bool = False) -> bool:
    """Return a boolean; ``default`` if unset. Raises BadSetting for anything but 1/0, true/false, yes/no, on/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {value!r}")


def integer(name: str, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return an integer from ``least`` to ``most``; ``default`` if unset. Raises BadSetting for anything else."""
    value = text(name)
    if not value:
        return default
    try:
        # Cut, because int() refuses strings of several thousand digits with an error of its own.
        number = int(value[:20])
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from None
    if number < least:
        raise BadSetting(f"{name} must be at least {least}, not {number}")
    if number > most:
        raise BadSetting(f"{name} must be at most {most}, not {number}")
    return number


def days(name: str, default: int, least: int) -> int:
    """Return a number of days, 0 for "for ever"; ``default`` if unset. Raises BadSetting for 1 to ``least`` - 1."""
    number = integer(name, default, most=_MOST_DAYS)
    if 0 < number < least:
        raise BadSetting(f"{name} must be 0 (for ever) or at least {least} days, not {number}")
    return number


def places(name: str, port: int) -> list[str]:
    """Parse whitespace-separated IP addresses into "host:port" strings; empty if unset. Raises BadSetting.

    ``port``: the port of addresses without one.
    """
    return [_place(name, place, port) for place in text(name).split()]


def _place(name: str, place: str, port: int) -> str:
    try:
        return f"{ipaddress.ip_address(place.strip('[]'))}:{port}"
    except ValueError:
        pass
    host, _colon, number = place.rpartition(":")
    try:
        if not 0 < int(number) < 65536:
            raise ValueError(number)
        return f"{ipaddress.ip_address(host.strip('[]'))}:{int(number)}"
    except ValueError:
        raise BadSetting(f"{name} must be IP addresses with or without a port, not {place!r}") from None

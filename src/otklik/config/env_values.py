"""Parse environment settings of particular kinds. All functions raise BadSetting, which says what is wrong.

An unset setting gives its default, or an empty value where there is none.
"""

import ipaddress
import re
import zoneinfo
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from otklik.core import env

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_HOST = re.compile(rf"({_DOMAIN.pattern}|[0-9a-fA-F:.]+)")
# A token (RFC 8601, 2.2), in practice the mail server's name.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~/:@-]+")


def public_url(name: str, default: str) -> SplitResult:
    """The site's http or https URL with an optional port. No path: Otklik only works at the root of a host."""
    return _url(name, default, "https://desk.example.org", paths=False)


def issuer(name: str) -> str:
    """The URL of an OpenID Connect issuer, with or without a path; "" if unset."""
    return _url(name, "", "https://login.example.org/realm", paths=True).geturl() if env.text(name) else ""


def host_and_port(name: str, default: str) -> str:
    """An address to listen on or to connect to, as HOST:PORT."""
    value = env.text(name, default)
    host, _, port = value.rpartition(":")
    if not _HOST.fullmatch(host.strip("[]")) or not _is_port(port):
        raise env.BadSetting(f"{name} must be HOST:PORT, for example {default}, not {value!r}")
    return value


def choice(name: str, default: str, known: tuple[str, ...]) -> str:
    """One of the `known` words, in exactly their spelling."""
    value = env.text(name, default)
    if value not in known:
        raise env.BadSetting(f"{name} must be one of {', '.join(known)}; not {value!r}")
    return value


def time_zone(name: str, default: str) -> str:
    """The name of a time zone in the IANA database."""
    value = env.text(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise env.BadSetting(f"{name} must be a time zone such as Europe/Moscow or UTC, not {value!r}") from None
    return value


def domain(name: str) -> str:
    """A domain name; "" if unset."""
    value = env.text(name)
    if value and not _DOMAIN.fullmatch(value):
        raise env.BadSetting(f"{name} must be a domain such as example.org, not {value!r}")
    return value


def domains(name: str) -> list[str]:
    """Domain names separated by commas, lower-cased."""
    names = [name.strip().lower() for name in env.text(name).split(",") if name.strip()]
    for domain in names:
        if not _DOMAIN.fullmatch(domain):
            raise env.BadSetting(f"{name} must be domains with commas between, not {domain!r}")
    return names


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """IP addresses and networks separated by commas. A network must not have host bits set."""
    try:
        return [ipaddress.ip_network(network.strip()) for network in env.text(name).split(",") if network.strip()]
    except ValueError as error:
        raise env.BadSetting(f"{name} must be addresses or networks such as 10.0.0.5, 10.1.0.0/16: {error}") from None


def authserv(name: str) -> str:
    """The authserv-id of a mail server, as in Authentication-Results (RFC 8601); "" if unset."""
    value = env.text(name)
    if value and not _TOKEN.fullmatch(value):
        raise env.BadSetting(f"{name} must be one word, the name in Authentication-Results, not {value!r}")
    return value


def address(name: str) -> str:
    """A mail address; "" if unset. Only its rough form is checked."""
    value = env.text(name)
    local, at, place = value.rpartition("@")
    if value and (not at or not local or re.search(r"[\s<>,;]", value) or not place):
        raise env.BadSetting(f"{name} must be a mail address, not {value!r}")
    return value


def file_to_read(name: str) -> str:
    """The path of a file that we can read now; "" if unset."""
    value = env.text(name)
    try:
        if value:
            with Path(value).open("rb"):
                pass
    except OSError as error:
        raise env.BadSetting(f"{name} names no file that can be read: {value!r}: {error.strerror}") from None
    return value


def file_to_write(name: str, default: Path) -> str:
    """The path of a file that need not exist yet; whether we could write it is not checked."""
    value = env.text(name) or str(default)
    if Path(value).is_dir():
        raise env.BadSetting(f"{name} must be the path of a file, and {value!r} is a folder")
    return value


def private_key(name: str, *with_it: str) -> str:
    """An unencrypted private key in PEM; "" if unset. If it is set, so must be the settings named in `with_it`.

    The key never appears in an error message.
    """
    value = env.text(name)
    if not value:
        return ""
    missing = [other for other in with_it if not env.text(other)]
    if missing:
        raise env.BadSetting(f"{name} needs {' and '.join(missing)}, too")
    try:
        load_pem_private_key(value.encode(), password=None)
    except (ValueError, TypeError):
        raise env.BadSetting(f"{name} must be a private key in PEM without a password") from None
    return value


def _url(name: str, default: str, example: str, *, paths: bool) -> SplitResult:
    value = env.text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        sound = None
    if not sound or parts.username or parts.query or parts.fragment or (parts.path and not paths):
        raise env.BadSetting(f"{name} must look like {example}, not {value!r}")
    return parts


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 65536

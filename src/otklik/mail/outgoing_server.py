"""The SMTP server for outgoing mail, parsed from OTKLIK_OUTGOING."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from otklik.core.env import BadSetting

_SHAPE = "OTKLIK_OUTGOING must look like smtp://user:password@host:587?tls=required or smtps://user:password@host"

_PORTS = {"smtp": 25, "smtps": 465, "lmtp": 24}


@dataclass(frozen=True, slots=True)
class Server:
    """The server that sends our mail. `tls_required`: refuse to send unencrypted (AB-99)."""

    host: str
    port: int
    implicit_tls: bool
    tls_required: bool
    user: str = ""
    password: str = ""
    is_lmtp: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def must_encrypt(self) -> bool:
        """Whether to refuse unencrypted connections, as for credentials to another machine."""
        return self.tls_required or (bool(self.user) and not self.is_loopback)

    @property
    def may_encrypt(self) -> bool:
        """Whether to use STARTTLS if offered; on loopback only on demand, as certificates there are mostly
        self-signed."""
        return self.must_encrypt or not self.is_loopback


def parse_outgoing(url: str) -> Server | None:
    """Parse the setting; None if empty. Raises BadSetting, which never contains the password."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSetting(_SHAPE) from None
    options = parse_qs(parts.query)
    tls = options.pop("tls", [""])[0]
    if parts.scheme not in _PORTS or not parts.hostname or options or tls not in {"", "required"}:
        raise BadSetting(_SHAPE)
    implicit = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=port or (587 if parts.scheme == "smtp" and parts.username else _PORTS[parts.scheme]),
        implicit_tls=implicit,
        tls_required=implicit or tls == "required",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_lmtp=parts.scheme == "lmtp",
    )

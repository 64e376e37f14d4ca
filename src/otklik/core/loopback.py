"""Whether an IP address or host name is a loopback one."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether traffic to this host stays on this machine. Names are not resolved; only `localhost` is known."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

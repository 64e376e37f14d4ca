"""Whether an IP address or host name is a loopback one."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether bytes sent to this host stay on this machine. Asks no name server; by name only `localhost` is known."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

"""The network prefix of an IP address under which rate limits count it. Pure functions."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Providers assign whole /64 networks, so one customer can use any address in it.
_IPV6_PREFIX = 64


def address_of(host: str) -> Address | None:
    """Parse an IP address, dropping a zone id and unwrapping IPv4-mapped IPv6; None for anything else."""
    try:
        address = ipaddress.ip_address(host.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def place_of(host: str) -> str:
    """Return the key that rate limits count by: an IPv4 address, an IPv6 /64 network, or the unparsed text."""
    address = address_of(host)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address or host)

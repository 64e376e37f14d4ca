"""The network prefix of an IP address under which rate limits count it. Pure functions."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Whoever has one IPv6 address has all of its network.
_IPV6_PREFIX = 64


def address_of(host: str) -> Address | None:
    """The IP address, without a zone; the IPv4 one where it is written in IPv6's way. None for anything else."""
    try:
        address = ipaddress.ip_address(host.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def place_of(host: str) -> str:
    """What limits per network address count: an IPv4 address, a /64 network of IPv6, or the text as it is."""
    address = address_of(host)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address or host)

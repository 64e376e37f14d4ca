"""Questions to the DNS: short, remembered, and never an error."""

import logging
import time
from functools import cache

import dns.exception
import dns.resolver
from django.conf import settings

log = logging.getLogger("otklik.mail")

SECONDS = 4.0
_REST_SECONDS = 60.0
_REMEMBERED = 2000


class Names:
    """A resolver with a memory. After a question that nobody answered it asks nothing for a minute."""

    def __init__(self, servers: list[str]) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            places = [server.rpartition(":") for server in servers]
            self._resolver.nameservers = [host for host, _colon, _port in places]
            self._resolver.nameserver_ports = {host: int(port) for host, _colon, port in places}
        self._resolver.cache = dns.resolver.LRUCache(_REMEMBERED)
        self._resolver.lifetime, self._resolver.timeout = SECONDS, SECONDS / 2
        self._resting_until = 0.0

    def text(self, name: str) -> bytes | None:
        """The first TXT record of the name; None when there is none or nobody answers."""
        if time.monotonic() < self._resting_until:
            return None
        try:
            answer = self._resolver.resolve(name, "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError, ValueError) as error:
            if isinstance(error, dns.exception.Timeout | dns.resolver.NoNameservers | OSError):
                self._resting_until = time.monotonic() + _REST_SECONDS
            log.warning("no answer from the DNS about %s: %s", name, error)
            return None
        return next((b"".join(record.strings) for record in answer), None)


@cache
def configured() -> Names:
    """The resolver of this process: OTKLIK_DNS, else the machine's own."""
    return Names(list(settings.DNS_SERVERS))

"""DNS lookups with a timeout and a cache."""

import logging
from functools import cache

from django.conf import settings

from otklik.core.lazy_modules import Later

dns_exception, dns_resolver = Later("dns.exception"), Later("dns.resolver")
log = logging.getLogger("otklik.mail")

SECONDS = 4.0
_REMEMBERED = 2000


class Unanswered(Exception):
    """DNS did not answer; it may later."""


class Names:
    """A caching resolver. Thread-safe."""

    def __init__(self, servers: list[str]) -> None:
        self._resolver = dns_resolver.Resolver(configure=not servers)
        if servers:
            places = [server.rpartition(":") for server in servers]
            self._resolver.nameservers = [host for host, _colon, _port in places]
            self._resolver.nameserver_ports = {host: int(port) for host, _colon, port in places}
        self._resolver.cache = dns_resolver.LRUCache(_REMEMBERED)
        self._resolver.lifetime, self._resolver.timeout = SECONDS, SECONDS / 2

    def text(self, name: str) -> bytes | None:
        """Return the first TXT record of the name; None if there is none. Raises Unanswered."""
        try:
            answer = self._resolver.resolve(name, "TXT", search=False)
        except (dns_resolver.NXDOMAIN, dns_resolver.NoAnswer):
            return None
        except (dns_exception.Timeout, dns_resolver.NoNameservers, OSError) as error:
            log.warning("no answer from the DNS about %s: %s", name, error)
            raise Unanswered(name) from error
        except (dns_exception.DNSException, ValueError) as error:
            log.warning("the DNS cannot be asked about %s: %s", name, error)
            return None
        return next((b"".join(record.strings) for record in answer), None)


@cache
def configured() -> Names:
    """Return the process's resolver: OTKLIK_DNS, or the system's."""
    return Names(list(settings.DNS_SERVERS))

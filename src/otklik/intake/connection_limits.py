"""Limits on open SMTP connections, in total and per client address: no client may crowd out the rest (RL-10)."""

import ipaddress
from collections.abc import Iterable
from typing import Protocol

from otklik.core.ip_networks import address_of, place_of

MOST_CONNECTIONS = 400
# Postfix opens 20 connections to a destination at once, so no honest client needs more than this.
MOST_PER_ADDRESS = 50
# A session that has not sent MAIL FROM for this long may be dropped to make room for another.
_PATIENCE_SECONDS = 5.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Session(Protocol):
    """An SMTP session as `Connections` sees it.

    `busy`: MAIL FROM was accepted; `since`: when the client connected, in seconds of the event loop's clock.
    """

    peer_host: str
    busy: bool
    since: float

    def refuse(self) -> None:
        """Reply that there are too many connections, and close."""

    def leave_if_idle(self) -> None:
        """Close the connection unless a mail is being received."""

    def drop(self) -> None:
        """Close the connection at once."""


class Connections:
    """The open connections of one event loop; not thread-safe.

    `trusted`: networks whose relays are exempt from MOST_PER_ADDRESS.
    """

    def __init__(self, trusted: Iterable[Network]) -> None:
        self._trusted = tuple(trusted)
        self._open: dict[str, list[Session]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def all(self) -> list[Session]:
        """Return all open connections."""
        return [session for group in self._open.values() for session in group]

    def add(self, session: Session) -> None:
        """Register a new session; `admits` tells whether it may stay."""
        self._open.setdefault(place_of(session.peer_host), []).append(session)

    def remove(self, session: Session) -> None:
        """Forget a session that has ended. Harmless if it is not registered."""
        key = place_of(session.peer_host)
        group = [other for other in self._open.get(key, ()) if other is not session]
        if group:
            self._open[key] = group
        else:
            self._open.pop(key, None)

    def admits(self, session: Session, now: float) -> bool:
        """Whether a session that was just added may stay; `now` is a time of the event loop's clock.

        If all places are taken, refuses an idle session in its stead: the oldest one of the address that holds most.
        """
        siblings = self._open.get(place_of(session.peer_host), [])
        if len(siblings) > MOST_PER_ADDRESS and not self._is_trusted(session.peer_host):
            return False
        if sum(map(len, self._open.values())) <= MOST_CONNECTIONS:
            return True
        for group in sorted(self._open.values(), key=len, reverse=True):
            for idle in group:
                if idle is not session and not idle.busy and now - idle.since > _PATIENCE_SECONDS:
                    idle.refuse()
                    return True
        return False

    def _is_trusted(self, host: str) -> bool:
        address = address_of(host)
        return address is not None and any(address in network for network in self._trusted)

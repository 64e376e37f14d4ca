"""Limits on connections to the intake: no address may take the places of all others (RL-10)."""

import ipaddress
from collections.abc import Iterable
from typing import Protocol

from otklik.core.networks import address_of, place_of

MOST_CONNECTIONS = 400
# Postfix opens 20 at once to one destination; the rest of the room is for everybody else.
MOST_PER_ADDRESS = 50
# Who has not named a sender after so long makes room when there is none.
_PATIENCE_SECONDS = 5.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Session(Protocol):
    """What is asked of a connection. `busy`: it has named a sender; `since`: when it came, by the loop's clock."""

    peer_host: str
    busy: bool
    since: float

    def refuse(self) -> None:
        """Say that there are too many, and hang up."""

    def leave_if_idle(self) -> None:
        """Hang up unless a mail is being received."""

    def drop(self) -> None:
        """Hang up."""


class Connections:
    """Every open connection. Belongs to one event loop. `trusted`: networks whose relays know no limit per address."""

    def __init__(self, trusted: Iterable[Network]) -> None:
        self._trusted = tuple(trusted)
        self._open: dict[str, list[Session]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def all(self) -> list[Session]:
        """Every open connection."""
        return [session for group in self._open.values() for session in group]

    def add(self, session: Session) -> None:
        """Count the connection in."""
        self._open.setdefault(place_of(session.peer_host), []).append(session)

    def remove(self, session: Session) -> None:
        """Count it out; nothing happens the second time."""
        key = place_of(session.peer_host)
        group = [other for other in self._open.get(key, ()) if other is not session]
        if group:
            self._open[key] = group
        else:
            self._open.pop(key, None)

    def admits(self, session: Session, now: float) -> bool:
        """Whether the connection, counted in already, may stay. When the house is full, one that has said nothing for a
        while goes instead: the oldest of the address that holds most."""
        mine = self._open.get(place_of(session.peer_host), [])
        if len(mine) > MOST_PER_ADDRESS and not self._is_trusted(session.peer_host):
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

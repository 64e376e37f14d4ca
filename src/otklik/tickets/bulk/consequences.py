"""What an act would do to many tickets, before it does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.core.batch_cache import remembering
from otklik.core.errors import UnableTo
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Act
from otklik.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Stay:
    """Tickets that would stay unchanged, all for the same reason."""

    refusal: UnableTo
    tickets: Sequence[Ticket]


@dataclass(frozen=True, slots=True)
class Consequences:
    """Which tickets would change, and which would not, by reason, the most frequent first."""

    changing: Sequence[Ticket]
    staying: Sequence[Stay]

    @property
    def left(self) -> int:
        """The number of tickets that would not change."""
        return sum(len(stay.tickets) for stay in self.staying)


def consequences(act: Act, actor: Actor, tickets: Sequence[Ticket]) -> Consequences:
    """Return what the action would do to these tickets, without doing it.

    Desk, status and priority of the tickets must be loaded. Uses the same checks as the commands.
    """
    changing: list[Ticket] = []
    staying: dict[tuple[str, str], tuple[UnableTo, list[Ticket]]] = {}
    with remembering():
        refusals = act.refusals(actor, tickets)
        for ticket in tickets:
            refusal = refusals[ticket.pk]
            if refusal is None:
                changing.append(ticket)
            else:
                staying.setdefault((refusal.code, str(refusal)), (refusal, []))[1].append(ticket)
    reasons = sorted(staying.values(), key=lambda reason: -len(reason[1]))
    return Consequences(changing, [Stay(refusal, rest) for refusal, rest in reasons])

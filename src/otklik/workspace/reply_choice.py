"""What an agent chose beside the last reply at a desk, and the page that follows a reply."""

from dataclasses import dataclass

from django.http import HttpRequest

from otklik.desks.models import Desk, ReplyChoice, Transition
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.ui.addresses import address_of
from otklik.workspace.back_links import way_back
from otklik.workspace.list_neighbours import listed_keys, neighbour

After = ReplyChoice.After


@dataclass(frozen=True, slots=True)
class LastReply:
    """A ReplyChoice as the composer proposes it; by default that of somebody who has chosen nothing yet."""

    status: int | None = None
    after: str = After.STAY.value


def keep_reply_choice(person: Person, desk: Desk, step: Transition | None, after: str) -> None:
    """Save what was chosen beside a reply; writes nothing if it is what was chosen before."""
    chosen = {"status_id": step.target_id if step is not None else None, "after": after}
    kept = ReplyChoice.objects.filter(person=person, desk=desk)
    if not kept.filter(**chosen).exists():
        ReplyChoice.objects.update_or_create(person=person, desk=desk, defaults=chosen)


def page_after_reply(request: HttpRequest, ticket: Ticket, after: str) -> str:
    """Return the URL of the page that follows a reply; "" for the ticket's own.

    The next ticket is that of the list as it stands now, before the reply changes it; at its end, the list follows.
    """
    back = way_back(request, ticket.desk) if after in {After.NEXT, After.LIST} else None
    if back is None:
        return ""
    keys = listed_keys(request, ticket.desk, back) if after == After.NEXT else []
    key = neighbour(ticket.key, keys, forward=True)
    return address_of("workspace:ticket", key) if key else back.url

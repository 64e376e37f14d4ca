"""Detect customers whose names imitate an agent's or the desk's (AB-17)."""

import re
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from otklik.core.confusable_names import holds, looks
from otklik.desks.models import Membership
from otklik.desks.queries import own_addresses
from otklik.tickets.models import Message, Ticket

_ADDRESS = re.compile(r"<[^<>]*>\s*$")


def with_staff(messages: QuerySet[Message], ticket: Ticket) -> QuerySet[Message]:
    """Annotate the names that `posing_among` needs, so that it takes no query."""
    rows = _members(ticket).values(data=JSONObject(id="person_id", name="person__name"))
    return messages.annotate(staff=ArraySubquery(rows))


def posing_among(ticket: Ticket, messages: Iterable[Message]) -> set[int]:
    """Return the ids of customers' messages whose author's name looks like that of an agent or of the desk.

    An agent may have the same name as themselves. Needs the authors and the ticket's desk loaded. One query, two if a
    name contains an address; none if no customer wrote.
    """
    customers = [message for message in messages if message.side == Message.Side.CUSTOMER]
    names = {message.pk: (message.author_id, _name(message)) for message in customers}
    if not any(name for _author, name in names.values()):
        return set()
    staff = _staff(ticket, customers[0])
    known = _known(ticket, staff, with_addresses=any("@" in name for _author, name in names.values()))
    return {
        pk
        for pk, (author, name) in names.items()
        if author not in staff and any(holds(looks(name), known_name) for known_name in known)
    }


def author_shown(ticket: Ticket, message: Message) -> str:
    """Return the author's name for mails, which have no badges: a suspicious one is marked as a customer."""
    name = message.author.display_name if message.author is not None else message.claimed_author
    return _("%(name)s (a customer, not the support)") % {"name": name} if posing_among(ticket, [message]) else name


def _name(message: Message) -> str:
    return message.author.display_name if message.author is not None else _ADDRESS.sub("", message.claimed_author)


def _known(ticket: Ticket, staff: Mapping[int, str], *, with_addresses: bool) -> set[str]:
    desk = ticket.desk
    names = [desk.name, *(texts.get("name", "") for texts in desk.texts.values()), str(settings.SITE_NAME)]
    return {looks(name) for name in [*names, *staff.values(), *(own_addresses() if with_addresses else ())]}


def _staff(ticket: Ticket, message: Message) -> dict[int, str]:
    read = getattr(message, "staff", None)
    if read is not None:
        return {member["id"]: member["name"] for member in read}
    return dict(_members(ticket).values_list("person_id", "person__name"))


def _members(ticket: Ticket) -> QuerySet[Membership]:
    return Membership.objects.filter(desk=ticket.desk_id, person__is_active=True)

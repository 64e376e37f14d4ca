"""An act that reaches other people: the page that follows it offers, once, to take it back."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.models import Person
from otklik.tickets.commands.requester import RequesterUndo
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.addresses import address_of

KEY = "take_back"
_SALT, _LASTS = "otklik.take_back", timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A form that reverts an action: a POST of `fields` to `url`; `question` and `label` are its texts."""

    url: str
    question: str
    label: str
    fields: dict[str, str]


def former_requester(ticket: Ticket, undo: RequesterUndo) -> TakeBack:
    """Return the form that restores the former requester, with what depended on it (`undo`)."""
    former = Person.objects.get(pk=undo.former)
    return TakeBack(
        address_of("workspace:requester", ticket.key),
        _("Not the right person?"),
        _("Give the request back to %(name)s") % {"name": former.staff_name},
        {"choose": str(former.pk), "before": str(undo.now), "stood": signing.dumps(asdict(undo), salt=_SALT)},
    )


def signed_off(signed: str) -> RequesterUndo:
    """Return the state that `former_requester` signed. Raises UnableTo for an invalid or expired signature."""
    try:
        return RequesterUndo(**signing.loads(signed, salt=_SALT, max_age=_LASTS))
    except (signing.BadSignature, TypeError):
        raise UnableTo(TicketRefusal.PERSON_NOT_CHOSEN) from None


def sign_data(data: dict[str, Any]) -> str:
    """Sign data for a form that reverts an action, so that only we can have written it."""
    return signing.dumps(data, salt=_SALT)


def verified_data(signed: str) -> Any:
    """Return data signed by `sign_data` within _LASTS. Raises UnableTo otherwise."""
    try:
        return signing.loads(signed, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        raise UnableTo(TicketRefusal.FORMER_VALUE_GONE) from None


def offer(request: HttpRequest, ticket: Ticket, back: TakeBack) -> None:
    """Store the form for the next view of the ticket's page. Does nothing if this action itself was a revert."""
    if "undo" in request.POST:
        return
    fields = {**back.fields, "undo": "1"}
    request.session[KEY] = {
        "key": ticket.key,
        "url": back.url,
        "question": str(back.question),
        "label": str(back.label),
        "fields": fields,
    }


def offered(request: HttpRequest, ticket: Ticket) -> TakeBack | None:
    """Remove the stored form from the session; return it if it is for this ticket, else None."""
    signed = request.session.pop(KEY, None)
    if not isinstance(signed, dict) or signed.pop("key", None) != ticket.key:
        return None
    return TakeBack(**signed)

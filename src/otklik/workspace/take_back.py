"""An act that reaches other people: the page that follows it offers, once, to take it back."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.models import Person
from otklik.tickets.commands.requester import Stood
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.addresses import address_of

KEY = "take_back"
_SALT, _LASTS = "otklik.take_back", timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A form that does the opposite: a POST of `fields` to `url`; `question` and `label` are its words."""

    url: str
    question: str
    label: str
    fields: dict[str, str]


def former_requester(ticket: Ticket, stood: Stood) -> TakeBack:
    """Gives the request back to whom it was of, with everything as it stood."""
    former = Person.objects.get(pk=stood.former)
    return TakeBack(
        address_of("workspace:requester", ticket.key),
        _("Not the right person?"),
        _("Give the request back to %(name)s") % {"name": former.staff_name},
        {"choose": str(former.pk), "before": str(stood.now), "stood": signing.dumps(asdict(stood), salt=_SALT)},
    )


def signed_off(signed: str) -> Stood:
    """What `former_requester` wrote into the form. Raises UnableTo where it did not."""
    try:
        return Stood(**signing.loads(signed, salt=_SALT, max_age=_LASTS))
    except (signing.BadSignature, TypeError):
        raise UnableTo(TicketRefusal.PERSON_NOT_CHOSEN) from None


def sealed(kept: dict[str, Any]) -> str:
    """What a form that takes back has to bring along, so that nobody else can have written it."""
    return signing.dumps(kept, salt=_SALT)


def unsealed(signed: str) -> Any:
    """What was `sealed`, within the last days. Raises UnableTo for anything else."""
    try:
        return signing.loads(signed, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        raise UnableTo(TicketRefusal.FORMER_VALUE_GONE) from None


def offer(request: HttpRequest, ticket: Ticket, back: TakeBack) -> None:
    """The next look at the ticket's page shows it; taking back is itself not offered to be taken back."""
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
    """What was offered for this ticket by the act before this page; what was for another is forgotten."""
    signed = request.session.pop(KEY, None)
    if not isinstance(signed, dict) or signed.pop("key", None) != ticket.key:
        return None
    return TakeBack(**signed)

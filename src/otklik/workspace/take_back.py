"""An act that reaches other people: the page that follows it offers, once, to take it back."""

from dataclasses import dataclass

from django.http import HttpRequest

from otklik.tickets.models import Ticket

KEY = "take_back"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A form that does the opposite: a POST of `fields` to `url`; `question` and `label` are its words."""

    url: str
    question: str
    label: str
    fields: dict[str, str]


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
    said = request.session.pop(KEY, None)
    if not isinstance(said, dict) or said.pop("key", None) != ticket.key:
        return None
    return TakeBack(**said)

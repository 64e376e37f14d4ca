"""The page on which an agent writes a call down."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.answers.form import AnswersForm, Part
from otklik.workspace.forms.create import CreateForm
from otklik.workspace.pages.ticket import Link, link_of
from otklik.workspace.queries import known_caller, known_callers, open_only

CALLERS_AT_MOST = 8
OPEN_EACH = 3
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asked before, with what they have open."""

    id: int
    name: str
    address: str
    phones: list[str]
    open: list[Link]


@dataclass(frozen=True, slots=True)
class CreatePage:
    """`chosen`: the known caller the form is about; `callers`: who it may be, from what is typed so far."""

    desk_key: str
    desk_name: str
    script: str
    url: str
    caller_url: str
    chosen: Caller | None
    callers: list[Caller]
    searched: bool
    form: CreateForm
    fields_url: str
    parts: list[Part]


def create_page(
    *, person: Person, desk: Desk, form: CreateForm, asked: AnswersForm | None, chosen_id: int | None
) -> CreatePage:
    """The page around a bound or unbound form, and what the type asks."""
    chosen = known_caller(person, chosen_id) if chosen_id else None
    words = "" if chosen else _typed(form)
    return CreatePage(
        desk_key=desk.key,
        desk_name=desk.name,
        script=desk.phone_script.replace("{agent}", person.display_name),
        url=reverse("workspace:create", args=[desk.key]),
        caller_url=reverse("workspace:caller", args=[desk.key]),
        chosen=callers_of(person, [chosen])[0] if chosen else None,
        callers=callers_of(person, list(known_callers(person, words)[:CALLERS_AT_MOST])) if words else [],
        searched=bool(words),
        form=form,
        fields_url=reverse("workspace:create_fields", args=[desk.key]),
        parts=asked.parts() if asked else [],
    )


def callers_of(viewer: Person, people: Iterable[Person]) -> list[Caller]:
    """People with their open requests at the viewer's desks: one query for all of them."""
    people = list(people)
    opened: dict[int, list[Link]] = {}
    tickets = open_only(worked_tickets(viewer).filter(requester__in=people)).select_related("status")
    for ticket in tickets.order_by("-updated_at", "-id")[:100]:
        opened.setdefault(ticket.requester_id or 0, []).append(link_of(ticket))
    return [
        Caller(
            id=one.pk,
            name=one.display_name,
            address=one.email or "",
            phones=[phone.number for phone in one.phones.all()],
            open=opened.get(one.pk, [])[:OPEN_EACH],
        )
        for one in people
    ]


def _typed(form: CreateForm) -> str:
    """What to look for: the first of phone, name and address that is long enough to mean somebody."""
    if not form.is_bound:
        return ""
    for name in ("phone", "address", "name"):
        words = " ".join(str(form.data.get(name, "")).replace("\0", "").split())[:200]
        if len(words) >= SHORTEST:
            return words
    return ""

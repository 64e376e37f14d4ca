"""Page data for opening a ticket for a caller."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.access import agents_of
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.answers.form import AnswersForm, Part
from otklik.workspace.callers import LONGEST, Typed, adds_phone, callers_like, free_address
from otklik.workspace.forms.create import CreateForm
from otklik.workspace.pages.ticket import Choice, Link, link_of
from otklik.workspace.queries import known_caller, open_only

CALLERS_AT_MOST = 8
OPEN_EACH = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller with their open tickets.

    `adds_phone`, `adds_address`: typed values that would be saved for them; `other_address`: a typed address that would
    not, because they have another.
    """

    id: int
    name: str
    address: str
    phones: list[str]
    open: list[Link]
    adds_phone: str = ""
    adds_address: str = ""
    other_address: str = ""


@dataclass(frozen=True, slots=True)
class CreatePage:
    """`chosen`: the known caller of the form; `callers`: candidates for what is typed so far."""

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
    assignees: list[Choice]


def create_page(
    *, person: Person, desk: Desk, form: CreateForm, asked: AnswersForm | None, chosen_id: int | None
) -> CreatePage:
    """Return the page around a bound or unbound form. `asked`: the form of the request type's fields."""
    chosen, typed = known_caller(person, chosen_id) if chosen_id else None, typed_in(form)
    callers = [] if chosen else list(callers_like(person, typed)[:CALLERS_AT_MOST])
    return CreatePage(
        desk_key=desk.key,
        desk_name=desk.name,
        script=desk.phone_script.replace("{agent}", person.display_name),
        url=reverse("workspace:create", args=[desk.key]),
        caller_url=reverse("workspace:caller", args=[desk.key]),
        chosen=callers_of(person, [chosen], typed)[0] if chosen else None,
        callers=callers_of(person, callers, typed),
        searched=typed.means_somebody,
        form=form,
        fields_url=reverse("workspace:create_fields", args=[desk.key]),
        parts=asked.parts() if asked else [],
        assignees=_assignees(person, desk, form),
    )


def _assignees(person: Person, desk: Desk, form: CreateForm) -> list[Choice]:
    """Choices of the assignee; the person who takes the call comes first and is preselected."""
    chosen = str(form.data.get("assignee", person.pk)) if form.is_bound else str(person.pk)
    others = [colleague for colleague in agents_of(desk) if colleague.pk != person.pk]
    people = [Choice(str(person.pk), person.display_name, str(person.pk) == chosen) for person in [person, *others]]
    return [*people, Choice("", _("nobody"), chosen == "")]


def callers_of(viewer: Person, people: Iterable[Person], typed: Typed) -> list[Caller]:
    """Return people with their open tickets at the viewer's desks. One query for all of them."""
    people, free = list(people), free_address(typed)
    opened: dict[int, list[Link]] = {}
    tickets = open_only(worked_tickets(viewer).filter(requester__in=people)).select_related("status")
    for ticket in tickets.order_by("-updated_at", "-id")[:100]:
        opened.setdefault(ticket.requester_id or 0, []).append(link_of(ticket))
    return [
        Caller(
            id=person.pk,
            name=person.display_name,
            address=person.email or "",
            phones=[phone.number for phone in person.phones.all()],
            open=opened.get(person.pk, [])[:OPEN_EACH],
            adds_phone=adds_phone(person, typed),
            adds_address="" if person.email else free,
            other_address=free if person.email else "",
        )
        for person in people
    ]


def typed_in(form: CreateForm) -> Typed:
    """Return what the bound form says about the caller so far."""
    if not form.is_bound:
        return Typed()
    texts = (" ".join(str(form.data.get(name, "")).replace("\0", "").split()) for name in ("phone", "name", "address"))
    return Typed(*(word[:LONGEST] for word in texts))

"""«Запросы»: what was asked for, the rows, the choices."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.core.paging import Pages, page_count, pages_of
from otklik.desks.access import portal_desks
from otklik.desks.models import Desk, RequestType
from otklik.people.models import Person
from otklik.portal.queries import SORTS, Wanted, wanted_tickets

PER_PAGE = 25
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a drop-down list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list."""

    key: str
    subject: str
    url: str
    type_name: str
    type_icon: str
    desk: str
    status: str
    category: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RequestList:
    """The page. `narrowed`: something but the defaults was asked for, so an empty list means "nothing fits"."""

    rows: list[Row]
    pages: Pages
    statuses: list[Choice]
    reporters: list[Choice]
    types: list[Choice]
    desks: list[Choice]
    text: str
    sort: str
    order: str
    narrowed: bool


def request_list(person: Person, query: QueryDict) -> RequestList:
    """Reads the query, counts, cuts one page. Words it does not know count as not said. Seven queries at most."""
    desks = list(portal_desks(person))
    types = list(RequestType.objects.filter(desk__in=desks, hidden=False).order_by("desk_id", "position", "id"))
    organizations = list(person.organizations.order_by("name", "id"))
    wanted = wanted_from(query)
    tickets = wanted_tickets(person, wanted)
    total, number = tickets.count(), _number(query.get("page", "")) or 1
    number = min(number, page_count(total, PER_PAGE))
    found = tickets.select_related("desk", "status", "request_type")[(number - 1) * PER_PAGE : number * PER_PAGE]
    return RequestList(
        rows=[
            Row(
                key=ticket.key,
                subject=ticket.subject,
                url=reverse("portal:card", args=[ticket.desk_id, ticket.key]),
                type_name=ticket.request_type.name if ticket.request_type else "",
                type_icon=ticket.request_type.icon if ticket.request_type else "mail",
                desk=ticket.desk.name,
                status=ticket.status.name,
                category=ticket.status.category,
                updated_at=ticket.updated_at,
            )
            for ticket in found
        ],
        pages=pages_of(number=number, per_page=PER_PAGE, total=total, query=_words(wanted)),
        statuses=_statuses(wanted),
        reporters=_reporters(wanted, [(row.pk, row.name) for row in organizations]),
        types=_types(wanted, types, desks),
        desks=_desks(wanted, desks),
        text=wanted.text,
        sort=wanted.sort if (wanted.sort, wanted.descending) != (Wanted().sort, True) else "",
        order="DESC" if wanted.descending else "ASC",
        narrowed=replace(wanted, sort="updatedDate", descending=True) != Wanted(),
    )


def wanted_from(query: QueryDict) -> Wanted:
    """Jira's words: status (or statuses, several), reporter, requestTypeId, portalId, filter, sortBy, sortOrder."""
    sort = query.get("sortBy", "")
    return Wanted(
        status=_status(query),
        reporter=_reporter(query.get("reporter", "")),
        type_id=_number(query.get("requestTypeId", "")),
        desk_id=_number(query.get("portalId", "")),
        text=" ".join(query.get("filter", "").replace("\x00", " ").split())[:LONGEST_TEXT],
        sort=sort if sort in SORTS else "updatedDate",
        descending=query.get("sortOrder", "DESC").upper() != "ASC",
    )


def _status(query: QueryDict) -> str:
    several = set(query.getlist("statuses")) & {"open", "closed"}
    said = query.get("status", "all" if len(several) == 2 else next(iter(several), "open"))
    return said if said in {"open", "closed", "all"} else "open"


def _reporter(said: str) -> str | int:
    if said.startswith("org-"):
        return _number(said.removeprefix("org-")) or "all"
    return said if said in {"me", "participant", "all"} else "me"


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _words(wanted: Wanted) -> dict[str, str]:
    """What links to other pages repeat: everything that is not the default."""
    default = Wanted()
    words = {
        "status": wanted.status if wanted.status != default.status else "",
        "reporter": _value(wanted.reporter) if wanted.reporter != default.reporter else "",
        "requestTypeId": str(wanted.type_id or ""),
        "portalId": str(wanted.desk_id or ""),
        "filter": wanted.text,
        "sortBy": wanted.sort if (wanted.sort, wanted.descending) != (default.sort, True) else "",
        "sortOrder": "" if wanted.descending else "ASC",
    }
    return {name: value for name, value in words.items() if value}


def _value(reporter: str | int) -> str:
    return f"org-{reporter}" if isinstance(reporter, int) else reporter


def _statuses(wanted: Wanted) -> list[Choice]:
    labels = {"open": _("Open requests"), "closed": _("Closed requests"), "all": _("Any requests")}
    return [Choice(value, label, value == wanted.status) for value, label in labels.items()]


def _reporters(wanted: Wanted, organizations: list[tuple[int, str]]) -> list[Choice]:
    labels = {
        "me": _("Created by me"),
        "participant": _("Where I am a participant"),
        "all": pgettext("whose requests", "All requests"),
        **{f"org-{number}": name for number, name in organizations},
    }
    return [Choice(value, label, value == _value(wanted.reporter)) for value, label in labels.items()]


def _types(wanted: Wanted, types: list[RequestType], desks: list[Desk]) -> list[Choice]:
    names = {desk.pk: desk.name for desk in desks}
    rows = [
        Choice(
            str(row.pk), row.name if len(desks) < 2 else f"{row.name} · {names[row.desk_id]}", row.pk == wanted.type_id
        )
        for row in types
        if wanted.desk_id in (None, row.desk_id)
    ]
    return [Choice("", _("Any request type"), wanted.type_id is None), *rows]


def _desks(wanted: Wanted, desks: list[Desk]) -> list[Choice]:
    if len(desks) < 2:
        return []
    rows = [Choice(str(desk.pk), desk.name, desk.pk == wanted.desk_id) for desk in desks]
    return [Choice("", _("Any desk"), wanted.desk_id is None), *rows]

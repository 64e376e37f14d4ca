"""The filter of «Запросы»: parsed from a query string, and written back to one."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from otklik.core.fast_reads import fast_read
from otklik.people.models import Person
from otklik.portal.models import ListLook
from otklik.tickets.search.query import cleaned

# Sort keys, Jira's and the columns' own; nothing else reaches the ORM (AB-51).
SORTS = {
    "createdDate": "created_at",
    "updatedDate": "shown_at",
    "reference": "number",
    "subject": "subject",
    "status": "status__position",
    "type": "request_type__position",
    "desk": "desk__name",
    "requester": "requester__name",
    "priority": "priority__level",
}
FIXED = ("reference", "subject")
COLUMNS = ("type", *FIXED, "desk", "status", "requester", "priority", "created", "updated")
USUAL = ("type", *FIXED, "desk", "status", "updated")
# Sort keys of columns with another name, and columns that sort descending first.
SORT_OF = {"created": "createdDate", "updated": "updatedDate"}
DOWNWARD = {"createdDate", "updatedDate", "reference"}
SHOWN = ("new", "waiting")
STATES = ("open", "closed", "all")


@dataclass(frozen=True, slots=True)
class Look:
    """The person's choice of columns and default order."""

    columns: tuple[str, ...] = USUAL
    sort: str = "updatedDate"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """The validated parameters of the list.

    `reporter`: "me", "participant", "all", or an organization's id. `status`: "open", "closed", "all", or a status id,
    which stands for all statuses of that name. `show`: "new" (with news), "waiting" (for the reader), or "".
    """

    status: str | int = "open"
    reporter: str | int = "me"
    show: str = ""
    type_id: int | None = None
    desk_id: int | None = None
    text: str = ""
    sort: str = "updatedDate"
    descending: bool = True


def look_of(person: Person) -> Look:
    """Return the person's choice. One query."""
    look = next(iter(_looks(person=person.pk)), None)
    if look is None:
        return Look()
    return Look(known_columns(look.columns), known_sort(look.sort), look.descending)


@fast_read("person")
def _looks(*, person: int) -> QuerySet[ListLook]:
    return ListLook.objects.filter(pk=person)


def known_columns(names: list[str]) -> tuple[str, ...]:
    """Return the existing columns in their order, always including number and subject."""
    return tuple(name for name in COLUMNS if name in names or name in FIXED)


def known_sort(name: str) -> str:
    """Return the sort key if it exists, otherwise the default."""
    return name if name in SORTS else Look().sort


def wanted_from(query: QueryDict, look: Look) -> Wanted:
    """Parse the query string: Jira's parameters (status, reporter, requestTypeId, portalId, filter, sortBy, sortOrder)
    and ours (show).

    Unknown values are ignored.
    """
    sort, order = query.get("sortBy", ""), query.get("sortOrder", "").upper()
    return Wanted(
        status=_status(query),
        reporter=_reporter(query.get("reporter", "")),
        show=query.get("show", "") if query.get("show", "") in SHOWN else "",
        type_id=number_of(query.get("requestTypeId", "")),
        desk_id=number_of(query.get("portalId", "")),
        text=cleaned(query.get("filter", "")),
        sort=sort if sort in SORTS else look.sort,
        descending=order != "ASC" if order or sort in SORTS else look.descending,
    )


def words_of(wanted: Wanted, look: Look) -> dict[str, str]:
    """Return the query parameters for this, without defaults."""
    default = Wanted()
    sorted_otherwise = (wanted.sort, wanted.descending) != (look.sort, look.descending)
    query = {
        "status": str(wanted.status) if wanted.status != default.status else "",
        "reporter": reporter_value(wanted.reporter) if wanted.reporter != default.reporter else "",
        "show": wanted.show,
        "requestTypeId": str(wanted.type_id or ""),
        "portalId": str(wanted.desk_id or ""),
        "filter": wanted.text,
        "sortBy": wanted.sort if sorted_otherwise else "",
        "sortOrder": ("DESC" if wanted.descending else "ASC") if sorted_otherwise else "",
    }
    return {name: value for name, value in query.items() if value}


def reporter_value(reporter: str | int) -> str:
    """Return the query parameter for a reporter."""
    return f"org-{reporter}" if isinstance(reporter, int) else reporter


def number_of(text: str) -> int | None:
    """Parse a number from a URL; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _status(query: QueryDict) -> str | int:
    several = set(query.getlist("statuses")) & {"open", "closed"}
    status = query.get("status", "all" if len(several) == 2 else next(iter(several), "open"))
    return status if status in STATES else number_of(status) or "open"


def _reporter(text: str) -> str | int:
    if text.startswith("org-"):
        return number_of(text.removeprefix("org-")) or "all"
    return text if text in {"me", "participant", "all"} else "me"

"""The search box: a number opens its request at once, words search."""

import re

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.models import Ticket
from otklik.workspace.entrance import for_agents, person_of
from otklik.workspace.pages.rows import row_of
from otklik.workspace.queries import FOUND_AT_MOST, found, rows_of

_NUMBER = re.compile(r"(?:([A-Z][A-Z0-9]{1,9}?)[\s-]*)??[\s#№-]*(\d{1,9})")
_AS_TYPED = dict(zip("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM", strict=True))
_RUSSIAN_LAYOUT = str.maketrans(_AS_TYPED)


@for_agents("GET")
def go(request: HttpRequest) -> HttpResponse:
    """One request of that number: there. Several, or words: a list."""
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:200]
    person = person_of(request)
    numbered = list(rows_of(by_number(person, words))[:FOUND_AT_MOST]) if words else []
    if len(numbered) == 1:
        return redirect("workspace:ticket", key=numbered[0].key)
    tickets = numbered or (list(rows_of(found(person, words))[: FOUND_AT_MOST + 1]) if words else [])
    context = {
        "words": words,
        "rows": [row_of(ticket) for ticket in tickets[:FOUND_AT_MOST]],
        "more": len(tickets) > FOUND_AT_MOST,
        "most": FOUND_AT_MOST,
    }
    return render(request, "workspace/found.html", context)


def by_number(person: Person, words: str) -> QuerySet[Ticket]:
    """Tickets that "ACCREDO-4", "accredo 4", "№4" or "4" names; also a key typed in the Russian layout."""
    tickets = worked_tickets(person)
    match = _NUMBER.fullmatch(words.upper()) or _NUMBER.fullmatch(words.upper().translate(_RUSSIAN_LAYOUT))
    if match is None:
        return tickets.none()
    key, number = match[1], int(match[2])
    if key:
        return tickets.filter(key=f"{key}-{number}")
    return tickets.filter(number=number).order_by("-updated_at", "-id")

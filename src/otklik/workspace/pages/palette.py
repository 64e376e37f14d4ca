"""What the palette (Ctrl-K) cannot know of the page that is open: requests by number, people, pages of settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.search_text import fold, variants
from otklik.people.commands.phones import readable_number
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.jql.write import word_or_quoted
from otklik.tickets.search.query import cleaned, is_number, numbered
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.settings import TABS
from otklik.workspace.queries import known_callers

# Results of each kind, and the shortest text for which people are searched.
MOST = 5
LEAST = 2
_LISTS = (("resolutions", gettext_lazy("Resolutions")), ("issue-types", gettext_lazy("Issue types")))


@dataclass(frozen=True, slots=True)
class Goal:
    """A page to go to. `kind`: what it is, in words."""

    kind: str
    label: str
    detail: str
    url: str


def goals(stands: Standing, typed: str) -> list[Goal]:
    """Return the pages that the typed text may mean, as far as the agent may see them.

    The number of statements is constant.
    """
    text = cleaned(typed)
    if not text:
        return []
    return [*_requests(stands, text), *_people(stands, text), *_settings(stands, text)]


def _requests(stands: Standing, text: str) -> Iterator[Goal]:
    if not is_number(text):
        return
    tickets = numbered(worked_tickets(stands.person), text).order_by("-updated_at", "-id")
    for key, subject in tickets.values_list("key", "subject")[:MOST]:
        yield Goal(_("Request"), key, subject, reverse("workspace:ticket", args=[key]))


def _people(stands: Standing, text: str) -> Iterator[Goal]:
    """People on tickets of the agent's desks (AB-47); each links to their tickets."""
    if len(text) < LEAST:
        return
    for variant in variants(text):
        people = list(known_callers(stands.person, variant)[:MOST])
        if people:
            yield from map(_person, people)
            return


def _person(person: Person) -> Goal:
    phones = [readable_number(phone.number) for phone in person.phones.all()]
    named = person.email or person.login or person.name
    query = f"reporter = {word_or_quoted(str(named))} ORDER BY updated DESC"
    detail = " · ".join(filter(None, [person.email, *phones[:2]]))
    url = f"{reverse('workspace:issues')}?{urlencode({'jql': query})}"
    return Goal(_("Requests of a person"), person.staff_name, detail, url)


def _settings(stands: Standing, text: str) -> Iterator[Goal]:
    if len(text) < LEAST:
        return
    count = 0
    for goal in _pages(stands):
        if count < MOST and _begins(text, f"{goal.kind} {goal.label} {goal.detail}"):
            count += 1
            yield goal


def _pages(stands: Standing) -> Iterator[Goal]:
    kind = _("Settings")
    for desk in stands.desks:
        if desk.pk in stands.led:
            for name, label, _icon in TABS:
                yield Goal(kind, str(label), desk.key, reverse(f"workspace:{name}", args=[desk.key]))
    yield Goal(kind, _("My canned answers"), "", reverse("workspace:own_canned_answers"))
    if stands.person.is_admin:
        yield Goal(kind, _("Start page of the help centre"), "", reverse("workspace:center"))
        for word, label in _LISTS:
            yield Goal(kind, str(label), "", reverse("workspace:site_list", args=[word]))


def _begins(typed: str, text: str) -> bool:
    """Return whether each typed word is a prefix of a word of the text, in either keyboard layout."""
    words = fold(text).split()
    return any(
        all(any(word.startswith(part) for word in words) for part in variant.split()) for variant in variants(typed)
    )

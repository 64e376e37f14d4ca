"""Canned answers at a ticket: which an agent may insert, and their text with the ticket's values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from otklik.desks.models import CannedAnswer
from otklik.desks.texts import name_of
from otklik.desks.texts import text_of as desk_text
from otklik.notify.mail_links import link_to
from otklik.notify.rendering import in_language, language_of, sender_address
from otklik.notify.texts.answer_placeholders import answer_values, known_in
from otklik.notify.texts.grammar import Place, chosen, parse
from otklik.notify.texts.mail_kinds import BY_NAME, Text
from otklik.notify.texts.placeholders import PlaceKind
from otklik.people.models import Person
from otklik.tickets.content import NewFile
from otklik.tickets.models import Ticket

# What a canned answer may name, besides {answer.…} for the answers to the request's form.
PLACES: tuple[PlaceKind, ...] = (
    PlaceKind("person.name", _("the requester's name")),
    PlaceKind("agent.name", _("the name of the agent who inserts it")),
    PlaceKind("ticket.key", _("the number of the request")),
    PlaceKind("ticket.subject", _("its subject")),
    PlaceKind("ticket.status", _("its status")),
    PlaceKind("ticket.type", _("its request type")),
    PlaceKind("ticket.link", _("the address of its page for the requester")),
    PlaceKind("desk.name", _("the name of the service desk")),
    PlaceKind("desk.phone", _("its phone number")),
    PlaceKind("desk.address", _("its mail address")),
    PlaceKind("site.name", _("the name of the whole site")),
)
_NAMES = tuple(place.name for place in PLACES)
_ABOUT = {place.name: place.about for place in PLACES}
_LEFT = re.compile(r"\{([a-z]+\.[a-z0-9_]+)\}")
# Lines that are empty because what stood there is.
_GAPS = re.compile(r"\n{3,}")
_KIND = BY_NAME["comment"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A canned answer as it is inserted. `unfilled`: placeholders without a value; they stay in the text as written."""

    text: str
    unfilled: tuple[str, ...]


def usable_answers(person: Person, ticket: Ticket) -> QuerySet[CannedAnswer]:
    """The answers of the ticket's desk and the person's own, those that the person uses most first."""
    own = Coalesce(Sum("uses__times", filter=Q(uses__person=person)), Value(0))
    everybody = Coalesce(Sum("uses__times"), Value(0))
    answers = CannedAnswer.objects.filter(Q(desk=ticket.desk_id) | Q(owner=person.pk))
    return answers.annotate(mine=own, all=everybody).order_by("-mine", "-all", F("folder"), "name", "id")


def usable_answer(person: Person, ticket: Ticket, answer_id: int) -> CannedAnswer | None:
    """Return the answer with this id if the person may insert it at the ticket."""
    return CannedAnswer.objects.filter(Q(desk=ticket.desk_id) | Q(owner=person.pk), pk=answer_id).first()


def files_of(answer: CannedAnswer) -> list[NewFile]:
    """The files that are attached where the answer is inserted."""
    return [NewFile(**file) for file in answer.files]


def languages_for(ticket: Ticket, answer: CannedAnswer) -> list[str]:
    """The languages that the answer has, the requester's first."""
    wanted = language_of(ticket.requester, ticket.desk) if ticket.requester is not None else ticket.desk.language
    return sorted(answer.texts, key=lambda language: (language != wanted, language))


def known_places(text: str) -> tuple[str, ...]:
    """The placeholders that a canned answer may use: PLACES, and any answer that the text names."""
    named = set(known_in(_KIND, Text("", text))) - set(_KIND.places)
    return (*_NAMES, *sorted(named))


class Filler:
    """Fills canned answers at a ticket for an agent. Values that every answer may name are asked once per language;
    answers to the form only where a text names them."""

    def __init__(self, ticket: Ticket, person: Person) -> None:
        self._ticket, self._person = ticket, person
        self._known: dict[str, dict[str, str]] = {}

    def filled(self, answer: CannedAnswer, language: str) -> Filled:
        """Return the answer's text in the language with the ticket's values; of the grammar's marks only placeholders
        without a value stay. Raises KeyError for a language that the answer does not have."""
        source = str(answer.texts[language]["text"])
        with in_language(language):
            values = self._values(source, language)
        nodes = chosen(parse(source, known_places(source)).nodes, {name for name, value in values.items() if value})
        parts, unfilled = [], []
        for node in nodes:
            if isinstance(node, Place) and not values.get(node.name):
                unfilled.append(node.name)
            parts.append((values.get(node.name) or f"{{{node.name}}}") if isinstance(node, Place) else node)
        text = _GAPS.sub("\n\n", "".join(parts)).strip("\n")
        return Filled(text, tuple(dict.fromkeys(unfilled)))

    def _values(self, source: str, language: str) -> Mapping[str, str]:
        if language not in self._known:
            self._known[language] = _ticket_values(self._ticket, self._person)
        answers = answer_values(_KIND, Text("", source), self._ticket, readable=True)
        return {**{name: value.text for name, value in answers.items()}, **self._known[language]}


def left_in(text: str) -> dict[str, str]:
    """Placeholders of canned answers that still stand in a text: as written, and what each stands for."""
    names = dict.fromkeys(_LEFT.findall(text))
    return {f"{{{name}}}": str(_ABOUT.get(name, "")) for name in names if name in _ABOUT or name.startswith("answer.")}


def _ticket_values(ticket: Ticket, person: Person) -> dict[str, str]:
    desk = ticket.desk
    return {
        "person.name": ticket.requester.name if ticket.requester is not None else "",
        "agent.name": person.display_name,
        "ticket.key": ticket.key,
        "ticket.subject": ticket.subject,
        "ticket.status": name_of(ticket.status),
        "ticket.type": desk_text(ticket.request_type, "name") if ticket.request_type is not None else "",
        "ticket.link": link_to(ticket, for_agent=False).partition("?")[0],
        "desk.name": desk_text(desk, "name"),
        "desk.phone": desk.phone,
        "desk.address": sender_address(desk),
        "site.name": str(settings.SITE_NAME),
    }

"""Functions of the filter language that mean tickets: `key in linkedIssues(ACCREDO-4)`, `key in updatedBy(anna)`."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation

from otklik.tickets.jql.errors import unknown_link
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.function_calls import arguments_wrong
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.people import people_named
from otklik.tickets.jql.tree import Call, Literal
from otklik.tickets.link_words import link_words
from otklik.tickets.models import Change, Message, Ticket, TicketLink

_MOST = 3  # person, from, to


def linked_with(tickets: set[int], asker: Asker, word: Literal | None = None) -> set[int]:
    """Return the ids of tickets linked with one of these, where the asker is staff of at least one of the two.

    `word`: the kind of link as seen from these tickets ("is blocked by"), in any language; None for all. Raises BadJql.
    """
    ways = _ways(word) if word is not None else None
    if not asker.is_staff:  # customers see no links
        return set()
    links = TicketLink.objects.filter(Q(source__in=tickets) | Q(target__in=tickets))
    if not asker.is_staff_everywhere:
        links = links.filter(Q(source__desk_id__in=asker.worked) | Q(target__desk_id__in=asker.worked))
    linked: set[int] = set()
    for kind, source, target in links.values_list("kind", "source", "target"):
        linked |= {target} if source in tickets and (ways is None or (kind, "out") in ways) else set()
        linked |= {source} if target in tickets and (ways is None or (kind, "in") in ways) else set()
    return linked - tickets


def _ways(word: Literal) -> set[tuple[str, str]]:
    """Return (kind, direction) of the links with this name."""
    named: dict[str, set[tuple[str, str]]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for kind in TicketLink.Kind:
                for way in ("out", "in"):
                    named.setdefault(link_words(kind, way).casefold(), set()).add((kind.value, way))
    if (ways := named.get(word.text.strip().casefold())) is None:
        raise unknown_link(word.text, named, at=word.at)
    return ways


def updated_by(call: Call, asker: Asker) -> QuerySet[Ticket, int]:
    """Ids of tickets that the person opened, wrote on or changed, within the given times. Raises BadJql.

    Only for staff of the tickets, which the caller must ensure.
    """
    if not 1 <= len(call.arguments) <= _MOST:
        raise arguments_wrong(call, 'updatedBy(currentUser(), "-7d")')
    who, *times = call.arguments
    people = people_named(who, asker)
    first, last = [*(moment(time, asker)[0] for time in times), None, None][:2]
    written = Message.objects.filter(_within("created_at", first, last), author__in=people)
    changed = Change.objects.filter(_within("at", first, last), actor__in=people)
    opened = Ticket.objects.filter(_within("created_at", first, last), created_by__in=people)
    # Each by the index of its person; an OR of them would look at every ticket.
    ids = [rows.order_by().values_list("ticket", flat=True) for rows in (written, changed)]
    return opened.order_by().values_list("pk", flat=True).union(*ids)


def _within(column: str, first: datetime | None, last: datetime | None) -> Q:
    begun = Q() if first is None else Q(**{f"{column}__gte": first})
    return begun & (Q() if last is None else Q(**{f"{column}__lt": last}))

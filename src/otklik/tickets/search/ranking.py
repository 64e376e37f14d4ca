"""The agents' search: ranked pages of hits, each at a bounded cost (ADR 120).

Tickets with all the words in their subject come first, then those with the words in their messages and those of the
named requesters; within each group the most recently updated first. Paging is by key, not by offset: the tenth page
costs what the first does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, Value, When

from otklik.core.fast_reads import AnyOf, FastRead, fast_read
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.frequency import are_common_in_subjects
from otklik.tickets.search.lookup import (
    EVERY,
    STATES,
    Candidates,
    candidates,
    flat,
    in_state,
    readings_of,
    with_words_for_staff,
)
from otklik.tickets.search.query import ParsedSearch, absent, any_reading, as_written

# Candidates are searched for the remaining words in batches of this size.
_PIECE = 250
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A hit's position in the ranking; greater places are shown first. `in_subject`: the subject has all the words."""

    in_subject: bool
    updated_at: datetime
    pk: int


@dataclass(frozen=True)
class Asked:
    """What to search for, and where.

    `desks`: ids of desks where the reader works, so that internal notes count as well. `requesters`: ids of people all
    of whose tickets are hits. `state`: a key of STATES, anything else for both. `narrowed`: a further condition.
    """

    desks: list[int]
    search: ParsedSearch
    requesters: Sequence[int] = ()
    state: str = ""
    narrowed: Q | None = None


def ranked(asked: Asked, *, after: Place | None, most: int) -> list[Place]:
    """The `most` best hits, or those that follow `after`, best first."""
    if asked.search.without and not asked.search.readings:
        return sorted(_places(_lacking, asked, after, most=most), reverse=True)[:most]
    near = candidates(asked.search)
    hits: set[Place] = set()
    if near.walked:
        hits |= _walk(asked, near, after, most)
    if near.indexed:
        hits |= _among_candidates(asked, near, after, most)
    if asked.requesters:
        hits |= _places(_of_requesters, asked, after, most=most, requesters=list(asked.requesters))
    return sorted(hits, reverse=True)[:most]


def _walk(asked: Asked, near: Candidates, after: Place | None, most: int) -> set[Place]:
    """Hits for common words: from subjects first, and from messages only if those do not fill the page."""
    hits: set[Place] = set()
    if after is None or after.in_subject:
        is_walked = any(are_common_in_subjects(reading) for reading in near.walked)
        hits = _places(_with_subject, asked, after, most=most, is_walked=is_walked)
        after = None
    if len(hits) < most:
        terms, lengths = flat(near.walked)
        hits |= _places(_said, asked, after, most=most, terms=terms, lengths=lengths)
    return hits


def _among_candidates(asked: Asked, near: Candidates, after: Place | None, most: int) -> set[Place]:
    """Hits among the candidates; in batches, if they must be searched for more words than the index looked up."""
    if all(len(reading) == 1 for reading in near.indexed) and not asked.search.without:
        return _places(_of_candidates, asked, after, most=most, tickets=near.ids)
    hits: set[Place] = set()
    places = _places(_of_candidates, asked, after, most=EVERY, tickets=near.ids)
    ordered = sorted(places, reverse=True)
    for start in range(0, len(ordered), _PIECE):
        piece = ordered[start : start + _PIECE]
        held = with_words_for_staff([place.pk for place in piece], near.indexed, asked.search.without)
        hits |= {place for place in piece if place.pk in held}
        if len(hits) >= most:
            break
    return hits


def _places(read: FastRead[Any, Any], asked: Asked, after: Place | None, **values: Any) -> set[Place]:
    """Run one of the fast reads below with the arguments that all of them share."""
    values |= {
        "desks": asked.desks,
        "subject": asked.search.in_one_text,
        "without": asked.search.without,
        "has_without": bool(asked.search.without),
        "state": asked.state if asked.state in STATES else "",
        "before": after.updated_at if after else _FIRST,
        "last": after.pk if after else 0,
        "behind": "" if after is None else "subject" if after.in_subject else "rest",
        "narrowed": asked.narrowed,
    }
    rows = read(**values) if asked.narrowed is None else read.plain(**values)
    return {Place(in_subject, updated_at, pk) for in_subject, updated_at, pk in rows}


_Hits = QuerySet[Ticket, tuple[bool, datetime, int]]
_COMMON = ("desks", "subject", "without", "before", "last")


# Planned for each run: which index walks tickets from the newest depends on the desks.
@fast_read(*_COMMON, plan_once=False)
def _with_subject(
    *, desks: list[int], subject: str, without: str, before: datetime, last: int, behind: str, has_without: bool,
    state: str, narrowed: Q | None, is_walked: bool, most: int,
) -> _Hits:  # fmt: skip
    """Tickets with all the words in the subject, by walking from the newest if the words are common, else by index."""
    met = Q(in_subject=True) if is_walked else _by_index(subject)
    tickets = _narrowed(desks, state, narrowed, without if has_without else "")
    return _ordered(_earlier(_marked(tickets, subject).filter(met), before, last, behind), most)


@fast_read(*_COMMON, "terms", plan_once=False)
def _said(
    *, desks: list[int], subject: str, without: str, before: datetime, last: int, behind: str, has_without: bool,
    state: str, narrowed: Q | None, terms: list[str], lengths: tuple[int, ...], most: int,
) -> _Hits:  # fmt: skip
    """Tickets whose messages have the terms while the subject lacks some, walked from the newest."""
    near = any_reading(Message.objects.all(), readings_of(terms, lengths))
    tickets = _narrowed(desks, state, narrowed, without if has_without else "").filter(near)
    return _ordered(_earlier(_marked(tickets, subject).filter(in_subject=False), before, last, behind), most)


@fast_read(*_COMMON, plan_once=False)
def _lacking(
    *, desks: list[int], subject: str, without: str, before: datetime, last: int, behind: str, has_without: bool,
    state: str, narrowed: Q | None, most: int,
) -> _Hits:  # fmt: skip
    """Tickets without what must be absent, walked from the newest. `subject`: nothing is looked for there."""
    tickets = _narrowed(desks, state, narrowed, without if has_without else "")
    unmarked = tickets.annotate(in_subject=Value(False, output_field=BooleanField()))
    return _ordered(_earlier(unmarked, before, last, behind), most)


@fast_read(*_COMMON, "tickets")
def _of_candidates(
    *, desks: list[int], subject: str, without: str, before: datetime, last: int, behind: str, has_without: bool,
    state: str, narrowed: Q | None, tickets: list[int], most: int,
) -> _Hits:  # fmt: skip
    """Those of the candidate tickets that are on these desks. Does not check `without`: `with_words_for_staff` does."""
    of_desks = _narrowed(desks, state, narrowed, "").filter(AnyOf("pk", tickets))
    return _ordered(_behind(_marked(of_desks, subject), before, last, behind), most, "-in_subject")


# Planned for each run: a few people's tickets are best sorted, where a general plan would walk all tickets.
@fast_read(*_COMMON, "requesters", plan_once=False)
def _of_requesters(
    *, desks: list[int], subject: str, without: str, before: datetime, last: int, behind: str, has_without: bool,
    state: str, narrowed: Q | None, requesters: list[int], most: int,
) -> _Hits:  # fmt: skip
    theirs = _narrowed(desks, state, narrowed, without if has_without else "").filter(AnyOf("requester_id", requesters))
    return _ordered(_behind(_marked(theirs, subject), before, last, behind), most, "-in_subject")


def _by_index(subject: str) -> Q:
    """Ids of the subject's hits as an array, which PostgreSQL builds once, from the index.

    With a plain condition the planner assumes that any words are common enough to walk for, and so walks all tickets
    when no subject has them.
    """
    ids = ArraySubquery(Ticket.objects.filter(words=as_written(subject)).order_by().values("pk")[:EVERY])
    return Q(Func(F("pk"), ids, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField()))


def _narrowed(desks: list[int], state: str, narrowed: Q | None, without: str) -> QuerySet[Ticket]:
    tickets = in_state(Ticket.objects.filter(AnyOf("desk_id", desks)), state)
    tickets = tickets.filter(*absent(Message.objects.all(), without))
    return tickets if narrowed is None else tickets.filter(narrowed)


def _marked(tickets: QuerySet[Ticket], subject: str) -> QuerySet[Any]:
    """Annotate `in_subject` in a form that matches no index.

    A boolean, because the planner expects half the rows to be true; for a number it would expect few, and gather and
    sort where walking is quicker.
    """
    stands = Case(When(words=as_written(subject), then=True), default=False, output_field=BooleanField())
    return tickets.annotate(in_subject=stands)


def _behind(tickets: QuerySet[Any], before: datetime, last: int, behind: str) -> QuerySet[Any]:
    """Tickets of both groups that rank after a place. `behind`: its group, "subject" or "rest"; "" for page one."""
    if behind == "subject":
        return tickets.filter(Q(in_subject=False) | _older(before, last))
    return _earlier(tickets.filter(in_subject=False) if behind else tickets, before, last, behind)


def _earlier(tickets: QuerySet[Any], before: datetime, last: int, behind: str) -> QuerySet[Any]:
    """Tickets of a single group that rank after a place."""
    return tickets.filter(_older(before, last)) if behind else tickets


def _older(before: datetime, last: int) -> Q:
    # The first condition is redundant, but it is the one that the index on `updated_at` can use.
    return Q(updated_at__lte=before) & (Q(updated_at__lt=before) | Q(pk__lt=last))


def _ordered(tickets: QuerySet[Any], most: int, *first: str) -> _Hits:
    return tickets.order_by(*first, "-updated_at", "-id").values_list("in_subject", "updated_at", "pk")[:most]

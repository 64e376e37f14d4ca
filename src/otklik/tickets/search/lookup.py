"""The search of pages: which tickets have the words, as ids, with bounded work for each word (ADR 108).

`query.matching` says what is found; here it is found quickly. Rare words are taken from the index, whose hits are
counted; a reader's few tickets are looked into. `ranking` is the agents' search.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet, TextField, Value

from otklik.core.fast_reads import AnyOf, Parameter, fast_read
from otklik.people.models import Person
from otklik.tickets.access import read_by
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.frequency import MOST, rarest
from otklik.tickets.search.query import Sought, absent, any_of, any_reading, as_written

Readings = Sequence[tuple[str, ...]]
STATES = {"open": True, "closed": False}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where the words may stand. `walked`: readings of common words, for which tickets are to be looked into;
    `indexed`: the others, all of whose tickets are among `ids`. These say nothing about who may see them."""

    walked: Readings
    indexed: Readings
    ids: list[int]


def candidates(sought: Sought) -> Candidates:
    """Ask the index for the rare words; one statement at most, besides the statistics now and then."""
    ways = {reading: rarest(reading) for reading in sought.readings}
    rare = {reading: way for reading, way in ways.items() if way is not None}
    if not rare:
        return Candidates(sought.readings, (), [])
    most = _limit(max(way.most for way in rare.values()))
    texts = _with_word(word=any_of(way.word for way in rare.values()), most=most)
    if len(texts) == most:
        return Candidates(sought.readings, (), [])
    return Candidates([way for way in ways if way not in rare], list(rare) if texts else (), list(dict.fromkeys(texts)))


def _limit(most: int) -> int:
    """The next of a few limits, for each is a statement."""
    return 1 << most.bit_length()


# All candidates there may be.
EVERY = _limit(MOST)


def with_words(tickets: list[int], reader: Person, sought: Sought) -> set[int]:
    """Those of the tickets, few and such as the reader may see as a customer, in which the reader finds the words."""
    if not tickets or not sought.readings:
        return set()
    return _with_words(tickets, sought.readings, sought.without, reader=reader.pk, is_staff=False)


def with_words_for_staff(tickets: list[int], readings: Readings, without: str) -> set[int]:
    """Those of the tickets in which one of the readings stands, and nothing of `without`; everything said counts."""
    return _with_words(tickets, readings, without, reader=0, is_staff=True)


def _with_words(tickets: list[int], readings: Readings, without: str, *, reader: int, is_staff: bool) -> set[int]:
    terms, lengths = flat(readings)
    ids = _held(
        reader=reader, is_staff=is_staff, tickets=tickets, terms=terms, lengths=lengths, without=without,
        has_without=bool(without),
    )  # fmt: skip
    return set(ids)


def nearest(tickets: list[int], reader: Person, sought: Sought, most: int) -> list[int]:
    """Those of the tickets with most of the words of one reading, half of them at least; in their order among equals.
    `tickets`, `reader`: as in `with_words`. One statement for each word: nobody needs this where all words are found.
    """
    shares: dict[int, float] = {}
    for reading in sought.readings:
        readings = (Sought(sought.text, ((word,),)) for word in reading)
        counts = Counter(pk for word in readings for pk in with_words(tickets, reader, word))
        for pk, count in counts.items():
            shares[pk] = max(shares.get(pk, 0), count / len(reading))
    return sorted((pk for pk in tickets if shares.get(pk, 0) >= 0.5), key=lambda pk: -shares[pk])[:most]


def in_state(tickets: QuerySet[Ticket], state: str) -> QuerySet[Ticket]:
    """The open or the closed ones; all for anything that is no key of STATES."""
    return tickets.filter(closed_at__isnull=STATES[state]) if state in STATES else tickets


@fast_read("word")
def _with_word(*, word: str, most: int) -> QuerySet[Message, int]:
    """Ids of the tickets of texts with the word; only narrows, so it need not ask who may read."""
    query = as_written(word)
    in_subjects = Ticket.objects.filter(words=query).order_by().values_list("pk", flat=True)
    in_messages = Message.objects.filter(words=query).order_by().values_list("ticket_id", flat=True)
    return in_messages.union(in_subjects, all=True)[:most]


@fast_read("reader", "tickets", "terms", "without")
def _held(
    *,
    reader: int,
    is_staff: bool,
    tickets: list[int],
    terms: list[str],
    lengths: tuple[int, ...],
    without: str,
    has_without: bool,
) -> QuerySet[Ticket, int]:
    """Those of the tickets in which the terms stand, looked into one by one."""
    messages = Message.objects.all() if is_staff else read_by(Person(pk=reader))
    near = any_reading(messages, readings_of(terms, lengths))
    held = Ticket.objects.filter(near, AnyOf("pk", tickets), *absent(messages, without if has_without else ""))
    return held.order_by().values_list("pk", flat=True)


def flat(readings: Readings) -> tuple[list[str], tuple[int, ...]]:
    """The words of all readings one after the other, and how many each has: the former vary, the latter make a
    statement. Readings of a single word are one: any of these."""
    single = [reading[0] for reading in readings if len(reading) == 1]
    several = [reading for reading in readings if len(reading) > 1]
    together = [(any_of(single),), *several] if single else several
    return [word for reading in together for word in reading], tuple(len(reading) for reading in together)


def readings_of(terms: list[str], lengths: tuple[int, ...]) -> list[list[SearchQuery]]:
    array = terms if isinstance(terms, Parameter) else Value(terms, output_field=ArrayField(TextField()))
    places = iter(range(1, sum(lengths) + 1))
    return [[as_written(array, next(places)) for _word in range(length)] for length in lengths]

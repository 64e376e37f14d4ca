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
from otklik.tickets.search.query import ParsedSearch, absent, any_of, any_reading, as_written

Readings = Sequence[tuple[str, ...]]
STATES = {"open": True, "closed": False}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where the words may be found.

    `walked`: readings of common words, for which tickets must be scanned. `indexed`: the other readings, all of whose
    matches are among the tickets `ids`. Rights are not checked.
    """

    walked: Readings
    indexed: Readings
    ids: list[int]


def candidates(search: ParsedSearch) -> Candidates:
    """Look the rare words up in the index. One statement at most, besides the cached statistics."""
    ways = {reading: rarest(reading) for reading in search.readings}
    rare = {reading: way for reading, way in ways.items() if way is not None}
    if not rare:
        return Candidates(search.readings, (), [])
    most = _limit(max(way.most for way in rare.values()))
    texts = _with_word(word=any_of(way.word for way in rare.values()), most=most)
    if len(texts) == most:
        return Candidates(search.readings, (), [])
    return Candidates([way for way in ways if way not in rare], list(rare) if texts else (), list(dict.fromkeys(texts)))


def _limit(most: int) -> int:
    """Round up to one of a few limits, because each value makes a statement of its own."""
    return 1 << most.bit_length()


# All candidates there may be.
EVERY = _limit(MOST)


def with_words(tickets: list[int], reader: Person, search: ParsedSearch) -> set[int]:
    """Return which of these tickets contain the words in texts that the reader may read.

    `tickets`: few ids that the reader may see as a customer.
    """
    if not tickets or not search.readings:
        return set()
    return _with_words(tickets, search.readings, search.without, reader=reader.pk, is_staff=False)


def with_words_for_staff(tickets: list[int], readings: Readings, without: str) -> set[int]:
    """Return which of these tickets contain one of the readings and nothing of `without`, notes included."""
    return _with_words(tickets, readings, without, reader=0, is_staff=True)


def _with_words(tickets: list[int], readings: Readings, without: str, *, reader: int, is_staff: bool) -> set[int]:
    terms, lengths = flat(readings)
    ids = _held(
        reader=reader, is_staff=is_staff, tickets=tickets, terms=terms, lengths=lengths, without=without,
        has_without=bool(without),
    )  # fmt: skip
    return set(ids)


def nearest(tickets: list[int], reader: Person, search: ParsedSearch, most: int) -> list[int]:
    """Return tickets with at least half of the words of one reading, best first.

    `tickets`, `reader` as for `with_words`. One statement per word, so only for when nothing has all the words.
    """
    shares: dict[int, float] = {}
    for reading in search.readings:
        readings = (ParsedSearch(search.text, ((word,),)) for word in reading)
        counts = Counter(pk for word in readings for pk in with_words(tickets, reader, word))
        for pk, count in counts.items():
            shares[pk] = max(shares.get(pk, 0), count / len(reading))
    return sorted((pk for pk in tickets if shares.get(pk, 0) >= 0.5), key=lambda pk: -shares[pk])[:most]


def in_state(tickets: QuerySet[Ticket], state: str) -> QuerySet[Ticket]:
    """Filter by a key of STATES; any other value does not filter."""
    return tickets.filter(closed_at__isnull=STATES[state]) if state in STATES else tickets


@fast_read("word")
def _with_word(*, word: str, most: int) -> QuerySet[Message, int]:
    """Ids of the tickets of texts with the word. Does not check rights, as it only narrows."""
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
    """Those of the tickets that contain the terms, checked one by one."""
    messages = Message.objects.all() if is_staff else read_by(Person(pk=reader))
    near = any_reading(messages, readings_of(terms, lengths))
    held = Ticket.objects.filter(near, AnyOf("pk", tickets), *absent(messages, without if has_without else ""))
    return held.order_by().values_list("pk", flat=True)


def flat(readings: Readings) -> tuple[list[str], tuple[int, ...]]:
    """Return the words of all readings, and the number of words of each reading.

    The words are parameters of the statement, the numbers select it. Readings of a single word are combined into one.
    """
    single = [reading[0] for reading in readings if len(reading) == 1]
    several = [reading for reading in readings if len(reading) > 1]
    together = [(any_of(single),), *several] if single else several
    return [word for reading in together for word in reading], tuple(len(reading) for reading in together)


def readings_of(terms: list[str], lengths: tuple[int, ...]) -> list[list[SearchQuery]]:
    array = terms if isinstance(terms, Parameter) else Value(terms, output_field=ArrayField(TextField()))
    places = iter(range(1, sum(lengths) + 1))
    return [[as_written(array, next(places)) for _word in range(length)] for length in lengths]

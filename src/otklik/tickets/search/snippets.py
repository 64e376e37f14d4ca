"""Highlighted excerpts of search results; callers must escape them (AB-66)."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import Case, QuerySet, TextField, Value, When
from django.db.models.functions import Left

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.people.models import Person
from otklik.tickets.access import read_by
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.search_vectors import AS_SEARCHED, CONFIG, joined, plain
from otklik.tickets.search.query import ParsedSearch, as_written
from otklik.tickets.typed_marks import sign_places

MAX_CHARS_SEARCHED = 20_000
# Up to so many characters around a headline are added: PostgreSQL cuts it at short words and numbers.
_NEAR = 40
_AROUND = 10
_AROUND_END, _AROUND_START = re.compile(rf"[^\w\s]{{1,{_AROUND}}}\Z"), re.compile(rf"[^\w\s]{{1,{_AROUND}}}")
_ON, _OFF = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of text; `marked`: it matches the search."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A ticket's subject with the matches marked. `excerpt`: a passage of a message with matches, [] for none."""

    subject: list[Segment]
    excerpt: list[Segment]


def highlight(shown: Mapping[int, str], search: ParsedSearch, reader: Person | None) -> dict[int, Highlighted]:
    """For each ticket (id: subject), mark the words in the subject and in the newest message that contains one.

    Also searches file names and answers. `reader`: a customer, or None for staff. One statement, none if there is
    nothing to search for.
    """
    subjects, excerpts = {ticket: [Segment(subject, marked=False)] for ticket, subject in shown.items()}, {}
    word = search.any_word
    hits = (
        _hits(reader=reader.pk if reader else 0, is_staff=reader is None, tickets=list(shown), word=word)
        if word
        else []
    )
    for ticket, is_subject, start, text, markup, hit in hits:
        if is_subject:
            subjects[ticket] = _segments(shown[ticket], hit)
        else:
            excerpts[ticket] = _segments(start, hit, sign_places(text) if markup == Message.Markup.TYPED else ())
    return {ticket: Highlighted(subject, excerpts.get(ticket, [])) for ticket, subject in subjects.items()}


@fast_read("reader", "tickets", "word")
def _hits(*, reader: int, is_staff: bool, tickets: list[int], word: str) -> QuerySet[Any, Any]:
    """Headlines of the subjects and of the messages, in the same columns."""
    messages = Message.objects.all() if is_staff else read_by(Person(pk=reader))
    # Written so that no index matches: read the few messages of these tickets, not all with the word.
    here = Case(When(words=as_written(word), then=Value(1)), default=Value(0))
    hits = messages.filter(AnyOf("ticket_id", tickets)).annotate(here=here).filter(here=1)
    newest = hits.order_by("ticket_id", "-created_at", "-id").distinct("ticket_id").values("pk")
    start = joined(Left("text", MAX_CHARS_SEARCHED), Left("besides", MAX_CHARS_SEARCHED))
    newest_hits = Message.objects.filter(pk__in=newest).order_by().values_list(
        "ticket_id", Value(False), start, Left("text", MAX_CHARS_SEARCHED), "markup",
        _headline("text", "besides", word=word),
    )  # fmt: skip
    nothing = Value("", output_field=TextField())
    subjects = Ticket.objects.filter(AnyOf("pk", tickets)).order_by().values_list(
        "pk", Value(True), nothing, nothing, nothing, _headline("subject", word=word, whole=True)
    )  # fmt: skip
    return subjects.union(newest_hits, all=True)


def _headline(*fields: str, word: str, whole: bool = False) -> SearchHeadline:
    options = {"highlight_all": True} if whole else {"max_words": 26, "min_words": 14, "max_fragments": 1}
    text = joined(*(plain(field, MAX_CHARS_SEARCHED) for field in fields))
    return SearchHeadline(text, as_written(word), config=CONFIG, start_sel=_ON, stop_sel=_OFF, **options)


def _segments(text: str, hit: str, signs: Container[int] = ()) -> list[Segment]:
    """Return the part of `text` that the headline `hit` shows, as segments.

    `hit` has е for ё and no punctuation between words. `signs`: offsets of characters in the text to leave out.
    """

    def shown(start: int, end: int) -> str:
        piece = text[start:end]
        if signs:
            piece = "".join(letter for place, letter in enumerate(piece, start) if place not in signs)
        return " ".join(f"|{piece}|".split())[1:-1]

    parts = hit.replace(_OFF, _ON).split(_ON)
    at, marked = max(0, text.translate(AS_SEARCHED).find("".join(parts))), False
    # Punctuation that belongs to the first and the last word.
    before = _AROUND_END.search(text, max(0, at - _AROUND), at)
    start = before.start() if before else at
    start = 0 if start <= _NEAR else start
    made = [("… " if start else "", False), (shown(start, at), False)]
    for part in parts:
        made.append((shown(at, at + len(part)), marked))
        at, marked = at + len(part), not marked
    after = _AROUND_START.match(text, at)
    end, last = after.end() if after else at, len(text.rstrip())
    end = last if last - end <= _NEAR else end
    made += [(shown(at, end), False), (" …" if end < last else "", False)]
    return [Segment(text, marked) for text, marked in made if text]

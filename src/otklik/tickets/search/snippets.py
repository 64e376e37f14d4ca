"""Where the words that were looked for stand: pieces of texts, to be escaped when they are printed (AB-66)."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Left

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.people.models import Person
from otklik.tickets.access import read_by
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.vectors import AS_SEARCHED, CONFIG, joined, plain
from otklik.tickets.search.query import Sought, as_written
from otklik.tickets.typed_marks import sign_places

READ = 20_000
# So few characters before or after a piece are shown, too: the database ends it before short words and numbers.
_NEAR = 40
_AROUND_END, _AROUND_START = re.compile(r"[^\w\s]{1,10}$"), re.compile(r"[^\w\s]{1,10}")
_ON, _OFF = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `marked`: one of the words that were looked for."""

    text: str
    marked: bool


def subjects(shown: Mapping[int, str], sought: Sought) -> dict[int, list[Piece]]:
    """The subject of each ticket (by its id), the words marked. One statement."""
    hits = _subjects(tickets=list(shown), word=sought.any_word)
    return {ticket: _pieces(shown[ticket], hit) for ticket, hit in hits}


def excerpts(tickets: Iterable[int], sought: Sought, reader: Person | None) -> dict[int, list[Piece]]:
    """For each ticket (by its id) with one of the words in a message, the names of its files or the answers there: what
    stands around it in the newest such message. `reader`: the customer who reads; None: staff, to whom everything said
    counts. One statement."""
    hits = _excerpts(
        reader=reader.pk if reader else 0, is_staff=reader is None, tickets=list(tickets), word=sought.any_word
    )
    return {
        ticket: _pieces(start, hit, sign_places(text) if markup == Message.Markup.TYPED else ())
        for ticket, start, text, markup, hit in hits
    }


@fast_read("tickets", "word")
def _subjects(*, tickets: list[int], word: str) -> QuerySet[Ticket, tuple[int, str]]:
    rows = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    return rows.annotate(hit=_headline("subject", word=word, whole=True)).values_list("pk", "hit")


@fast_read("reader", "tickets", "word")
def _excerpts(*, reader: int, is_staff: bool, tickets: list[int], word: str) -> QuerySet[Message, Any]:
    messages = Message.objects.all() if is_staff else read_by(Person(pk=reader))
    # The condition in a form that no index knows: the few messages of these tickets are read, not all with the word.
    here = Case(When(words=as_written(word), then=Value(1)), default=Value(0))
    hits = messages.filter(AnyOf("ticket_id", tickets)).annotate(here=here).filter(here=1)
    newest = hits.order_by("ticket_id", "-created_at", "-id").distinct("ticket_id").values("pk")
    rows = Message.objects.filter(pk__in=newest).order_by()
    start = joined(Left("text", READ), Left("besides", READ))
    rows = rows.annotate(start=start, said=Left("text", READ), hit=_headline("text", "besides", word=word))
    return rows.values_list(F("ticket_id"), "start", "said", "markup", "hit")


def _headline(*fields: str, word: str, whole: bool = False) -> SearchHeadline:
    options = {"highlight_all": True} if whole else {"max_words": 26, "min_words": 14, "max_fragments": 1}
    text = joined(*(plain(field, READ) for field in fields))
    return SearchHeadline(text, as_written(word), config=CONFIG, start_sel=_ON, stop_sel=_OFF, **options)


def _pieces(text: str, hit: str, signs: Container[int] = ()) -> list[Piece]:
    """The words of `text` that the headline shows: `hit` has е for ё and no marks between words.

    `signs`: places in the text whose characters are not shown.
    """

    def shown(start: int, end: int) -> str:
        piece = "".join(text[place] for place in range(start, end) if place not in signs)
        return " ".join(f"|{piece}|".split())[1:-1]

    bare = hit.replace(_ON, "").replace(_OFF, "")
    at, marked = max(0, text.translate(AS_SEARCHED).find(bare)), False
    # Marks that belong to the first and the last word: quotes, brackets, a full stop.
    before = _AROUND_END.search(text[:at])
    start = before.start() if before else at
    start = 0 if start <= _NEAR else start
    made = [("… " if start else "", False), (shown(start, at), False)]
    for part in hit.replace(_OFF, _ON).split(_ON):
        made.append((shown(at, at + len(part)), marked))
        at, marked = at + len(part), not marked
    after = _AROUND_START.match(text, at)
    end, last = after.end() if after else at, len(text.rstrip())
    end = last if last - end <= _NEAR else end
    made += [(shown(at, end), False), (" …" if end < last else "", False)]
    return [Piece(text, marked) for text, marked in made if text]

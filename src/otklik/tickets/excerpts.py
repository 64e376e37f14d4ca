"""Where the words that were looked for stand: pieces of texts, to be escaped when they are printed (AB-66)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Left

from otklik.tickets.finding import Sought, query_of
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.vectors import AS_SEARCHED, CONFIG, joined, plain

READ = 20_000
_AROUND_END, _AROUND_START = re.compile(r"[^\w\s]{1,10}$"), re.compile(r"[^\w\s]{1,10}")
_ON, _OFF = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `marked`: one of the words that were looked for."""

    text: str
    marked: bool


def subjects(shown: Mapping[int, str], sought: Sought) -> dict[int, list[Piece]]:
    """The subject of each ticket (by its id), the words marked. One query."""
    rows = Ticket.objects.filter(pk__in=shown).order_by().annotate(hit=_headline("subject", sought=sought, whole=True))
    return {pk: _pieces(shown[pk], hit) for pk, hit in rows.values_list("pk", "hit")}


def excerpts(said: QuerySet[Message], ids: Iterable[int], sought: Sought) -> dict[int, list[Piece]]:
    """For each ticket (by its id) with one of the words in a message `said`, the names of its files or the answers
    there: what stands around it. Two queries."""
    # The condition in a form that no index knows: the few messages of these tickets are read, not all with the word.
    here = Case(When(words=query_of(sought.any_word), then=Value(1)), default=Value(0))
    hits = said.filter(ticket__in=list(ids)).annotate(here=here).filter(here=1)
    hits = hits.order_by("ticket_id", "-created_at", "-id")
    newest = list(hits.distinct("ticket_id").values_list("pk", flat=True))
    rows = Message.objects.filter(pk__in=newest).order_by()
    start = joined(Left("text", READ), Left("besides", READ))
    rows = rows.annotate(start=start, hit=_headline("text", "besides", sought=sought))
    return {ticket: _pieces(start, hit) for ticket, start, hit in rows.values_list(F("ticket_id"), "start", "hit")}


def _headline(*fields: str, sought: Sought, whole: bool = False) -> SearchHeadline:
    options = {"highlight_all": True} if whole else {"max_words": 26, "min_words": 14, "max_fragments": 1}
    text = joined(*(plain(field, READ) for field in fields))
    return SearchHeadline(text, query_of(sought.any_word), config=CONFIG, start_sel=_ON, stop_sel=_OFF, **options)


def _pieces(text: str, hit: str) -> list[Piece]:
    """The words of `text` that the headline shows: `hit` has е for ё and no marks between words."""
    bare = hit.replace(_ON, "").replace(_OFF, "")
    at, marked = max(0, text.translate(AS_SEARCHED).find(bare)), False
    # Marks that belong to the first and the last word: quotes, brackets, a full stop.
    before = _AROUND_END.search(text[:at])
    lead = before[0] if before else ""
    pieces = [Piece("… ", marked=False)] if at > len(lead) else []
    pieces += [Piece(lead, marked=False)] if lead else []
    for part in hit.replace(_OFF, _ON).split(_ON):
        piece = text[at : at + len(part)]
        at += len(part)
        pieces += [Piece(" ".join(f"|{piece}|".split())[1:-1], marked)] if piece else []
        marked = not marked
    after = _AROUND_START.match(text[at:])
    tail = after[0] if after else ""
    pieces += [Piece(tail, marked=False)] if tail else []
    return [*pieces, Piece(" …", marked=False)] if at + len(tail) < len(text.rstrip()) else pieces

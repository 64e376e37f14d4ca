"""Page data for the results of the search box."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.core.errors import UnableTo
from otklik.core.search_text import fold, same_word, tokens
from otklik.core.statement_timeout import each_statement_within
from otklik.core.unicode_nfc import composed
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import narrowing
from otklik.tickets.jql.from_search import as_conditions, joined
from otklik.tickets.jql.parse import LONGEST, parse
from otklik.tickets.jql.tree import And, Condition, Literal, Operator, Part, Query, Sorting
from otklik.tickets.jql.write import write
from otklik.tickets.search.query import MOST_WORDS, NOTHING, ParsedSearch, Term, cleaned, parse_search
from otklik.tickets.search.ranking import Asked, Place, ranked
from otklik.tickets.search.signs import LOOKED_INTO, has_signs_alone, signs_in, with_signs
from otklik.tickets.search.snippets import Segment, highlight
from otklik.tickets.search.typed import TypedPiece, typed_pieces
from otklik.ui.search_highlight import marked_words
from otklik.workspace.chips.bar import chip_of
from otklik.workspace.chips.query_parts import Span, spans_of
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.facets import facets_of
from otklik.workspace.queries import FOUND_AT_MOST, callers_of, names_of, rows_at
from otklik.workspace.ticket_row import TicketRow

# Hits from which facets are counted.
SAMPLE = 200
NAMED_AT_MOST = 10
_LIMIT = timedelta(seconds=3)
_DONE = (Literal("Done"),)
_STATES: dict[str, Part] = {
    "open": Condition(Literal("statusCategory"), Operator.IS_NOT, _DONE),
    "closed": Condition(Literal("statusCategory"), Operator.IS, _DONE),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows the results to `count` of them."""

    label: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """A field with values to narrow the results."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An applied condition.

    `is_text`: `words` is query text because there are no words for it; `url`: the results without it.
    """

    words: str
    is_text: bool
    url: str


@dataclass(frozen=True, slots=True)
class OtherReading:
    """A link that reads a minus sign of the search differently, with what it does in words."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A result: its subject and an excerpt with matches marked; `words`: the marked words, folded."""

    row: TicketRow
    subject: SafeString
    excerpt: SafeString
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Everything the page prints.

    `more_url`: the next page, "" for none; `is_first`: whether this is the first page; `filter_url`: the same search as
    a filter; `mistake`: why nothing could be searched; `note`: how the search was limited; `other_readings`: what its
    minus signs may mean instead.
    """

    words: str
    hits: list[Hit]
    more_url: str
    is_first: bool
    first_url: str
    groups: list[Group]
    chosen: list[Chosen]
    filter_url: str
    mistake: str = ""
    note: str = ""
    other_readings: Sequence[OtherReading] = ()


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_AFTER = re.compile(r"([01])\.([0-9]{1,16})\.([0-9]{1,18})")


def found_page(stands: Standing, query: Mapping[str, str], at: datetime) -> FoundPage:
    """Return the page for the URL parameters `q`, `jql` and `after`, or `state` and `desk` of former URLs; never
    raises.

    `jql`: conditions that narrow the results.
    """
    text, asker = cleaned(query.get("q", "")), Asker(stands.person, at, at_work=True)
    try:
        chosen = _conditions_in(stands, query)
        return _page(stands, asker, text, chosen, _place_in(query.get("after", "")))
    except UnableTo as error:
        is_narrowed = any(query.get(name) for name in ("jql", "state", "desk"))
        return FoundPage(text, [], "", True, _url(text) if is_narrowed else "", [], [], "", mistake=error.translated())


def _page(stands: Standing, asker: Asker, text: str, chosen: Sequence[Part], after: Place | None) -> FoundPage:
    understood = None if has_signs_alone(text) else parse_search(text, with_signs=True)
    # Later pages have no facets and need no sample.
    most = FOUND_AT_MOST if after else SAMPLE
    # A page for a common word fills quickly, unless mainly other desks have it; rare combinations and exclusions search
    # everything.
    with each_statement_within(_LIMIT):
        # Open tickets have indexes of their own, which the search can use.
        state = next((state for state, condition in _STATES.items() if condition in chosen), "")
        others = [part for part in chosen if part != _STATES.get(state)]
        narrowed = narrowing(Query(joined(others)), asker) if others else None
        callers = callers_of(stands.person, text) if understood else []
        asked = Asked(stands.desk_ids, understood or NOTHING, callers, state=state, narrowed=narrowed)
        find = ranked if understood else partial(with_signs, composed(text))
        places = find(asked, after=after, most=most + 1) if text else []
    shown = places[:FOUND_AT_MOST]
    hits = _hits(shown, understood or composed(text)) if shown else []
    return FoundPage(
        words=text,
        hits=hits,
        more_url=_url(text, chosen, after=shown[-1]) if len(places) > FOUND_AT_MOST else "",
        is_first=after is None,
        first_url=_url(text, chosen),
        groups=[] if after else _groups(stands, asker, text, chosen, places),
        chosen=[*_absent_words(text, understood, chosen), *_chosen(asker, text, chosen)],
        filter_url=_as_filter(understood, hits, callers, chosen) if understood else "",
        note="" if understood or not text else _note(),
        other_readings=_other_readings(text, understood, chosen),
    )


def _note() -> str:
    note = _(
        "There is no letter and no digit to look for: only the %(count)d requests that changed last are looked into."
    )
    return note % {"count": LOOKED_INTO}


def _groups(stands: Standing, asker: Asker, text: str, chosen: Sequence[Part], places: Sequence[Place]) -> list[Group]:
    first, more = places[:SAMPLE], len(places) > SAMPLE
    facets = facets_of(first, more=more, stands=stands, asker=asker, chosen=chosen) if first else []
    return [
        Group(
            facet.label,
            [Choice(value.label, value.count, _url(text, [*chosen, value.condition])) for value in facet.values],
        )
        for facet in facets
    ]


def _conditions_in(stands: Standing, query: Mapping[str, str]) -> list[Part]:
    """Return the conditions in the URL, joined by AND. Raises BadJql."""
    where = parse(query.get("jql", "")).where
    chosen: list[Part] = [] if where is None else [*(where.parts if isinstance(where, And) else (where,))]
    if desk := stands.desk(query.get("desk", "")):
        chosen.append(Condition(Literal("project"), Operator.IS, (Literal(desk.key),)))
    if condition := _STATES.get(query.get("state", "")):
        chosen.append(condition)
    return chosen


def _absent_words(text: str, understood: ParsedSearch | None, chosen: Sequence[Part]) -> list[Chosen]:
    """Return excluded words as chips next to the conditions."""
    pieces = typed_pieces(text)
    return [
        Chosen(
            _("Without “%(word)s”") % {"word": piece.text},
            is_text=False,
            url=_url(" ".join(other.written for other in pieces if other is not piece), chosen),
        )
        for piece in _left_out(pieces, understood)
    ]


def _left_out(pieces: Sequence[TypedPiece], understood: ParsedSearch | None) -> list[TypedPiece]:
    """Return the pieces that exclude words; stop words («-нет») cannot be excluded."""
    terms = understood.terms if understood else ()
    absent = {term.text for reading in terms for term in reading if term.is_absent}
    return [piece for piece in pieces if piece.is_absent and " ".join(tokens(piece.text)[:MOST_WORDS]) in absent]


def _other_readings(text: str, understood: ParsedSearch | None, chosen: Sequence[Part]) -> list[OtherReading]:
    pieces = typed_pieces(text)
    left_out = _left_out(pieces, understood)
    return [_read_otherwise(piece, pieces, chosen) for piece in pieces if piece.is_option or piece in left_out]


def _read_otherwise(piece: TypedPiece, pieces: Sequence[TypedPiece], chosen: Sequence[Part]) -> OtherReading:
    label = _("Leave out “%(word)s”") if piece.is_option else _("Look for “%(word)s” instead")
    word = piece.text.removeprefix("-")
    other = f'-"{word}"' if piece.is_option else f'"{word}"'
    typed = " ".join(other if each is piece else each.written for each in pieces)
    return OtherReading(label % {"word": word}, _url(typed, chosen))


def _chosen(asker: Asker, text: str, chosen: Sequence[Part]) -> list[Chosen]:
    """Return the conditions as chips."""
    spans = spans_of(Query(joined(chosen)), asker) if chosen else []
    return [_one_chosen(asker, span, _url(text, [*chosen[: span.path[0]], *chosen[span.end :]])) for span in spans]


def _one_chosen(asker: Asker, span: Span, url: str) -> Chosen:
    # With the label of its facet.
    if (state := next((state for state, part in _STATES.items() if span.parts == (part,)), None)) is not None:
        value = pgettext("requests", "open") if state == "open" else pgettext("requests", "closed")
        return Chosen(f"{_('State')}: {value}", is_text=False, url=url)
    chip = chip_of(span, asker)
    return Chosen(chip.words, is_text=chip.is_code, url=url)


def _as_filter(understood: ParsedSearch, hits: Sequence[Hit], callers: Sequence[int], chosen: Sequence[Part]) -> str:
    """Return the URL of the equivalent filter; "" if there is none."""
    people = names_of(callers) if 0 < len(callers) <= NAMED_AT_MOST else []
    marked = {word for hit in hits for word in hit.words}
    terms = max(understood.terms, key=lambda terms: _met(terms, marked), default=())
    looked_for = as_conditions(terms, people)
    if looked_for is None:
        return ""
    text = write(Query(joined([looked_for, *chosen]), (Sorting(Literal("updated"), descending=True),)))
    return f"{reverse('workspace:issues')}?{urlencode({'jql': text})}" if len(text) <= LONGEST else ""


def _met(terms: Sequence[Term], marked: Collection[str]) -> float:
    """Return the share of the words that was found; near 0 for words typed in another keyboard layout."""
    words = [word for term in terms if not term.is_absent for word in term.text.split()]
    if not words:
        return 0
    return sum(any(same_word(word, other) or same_word(other, word) for other in marked) for word in words) / len(words)


def _hits(places: Sequence[Place], understood: ParsedSearch | str) -> list[Hit]:
    """Return the results with matches marked; a `str` was searched literally, as signs."""
    tickets = rows_at(places)
    shown = {ticket.id: ticket.subject for ticket in tickets}
    marked = signs_in(shown, understood) if isinstance(understood, str) else highlight(shown, understood, None)
    return [_hit(ticket, marked[ticket.id].subject, marked[ticket.id].excerpt) for ticket in tickets]


def _hit(ticket: TicketRow, subject: Sequence[Segment], excerpt: Sequence[Segment]) -> Hit:
    words = frozenset(fold(piece.text) for piece in (*subject, *excerpt) if piece.marked)
    return Hit(ticket, marked_words(subject), marked_words(excerpt), words)


def _place_in(after: str) -> Place | None:
    """Parse a place written by `_written`; None if it is invalid."""
    match = _AFTER.fullmatch(after)
    if match is None:
        return None
    in_subject, microseconds, pk = map(int, match.groups())
    return Place(bool(in_subject), _EPOCH + microseconds * _MICROSECOND, pk)


def _written(place: Place) -> str:
    return f"{place.in_subject:d}.{(place.updated_at - _EPOCH) // _MICROSECOND}.{place.pk}"


def _url(text: str, chosen: Sequence[Part] = (), *, after: Place | None = None) -> str:
    jql = write(Query(joined(chosen))) if chosen else ""
    query = {"q": text, "jql": jql, "after": _written(after) if after else ""}
    return f"{reverse('workspace:go')}?{urlencode({name: word for name, word in query.items() if word})}"

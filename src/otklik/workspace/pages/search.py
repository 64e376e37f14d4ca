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
from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.find import narrowing
from otklik.tickets.jql.from_search import as_conditions, joined
from otklik.tickets.jql.parse import LONGEST, parse
from otklik.tickets.jql.tree import And, Condition, Literal, Operator, Part, Query, Sorting
from otklik.tickets.jql.write import write
from otklik.tickets.search.query import MOST_WORDS, NOTHING, Sought, Term, cleaned, sought
from otklik.tickets.search.ranking import Asked, Place, ranked
from otklik.tickets.search.signs import LOOKED_INTO, has_signs_alone, signs_in, with_signs
from otklik.tickets.search.snippets import Piece, marked_in
from otklik.tickets.search.typed import TypedPiece, typed_pieces
from otklik.ui.marked_words import marked_words
from otklik.workspace.chips.bar import chip_of
from otklik.workspace.chips.spans import Span, spans_of
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.facets import facets_of
from otklik.workspace.queries import FOUND_AT_MOST, callers_of, names_of, rows_at
from otklik.workspace.ticket_row import TicketRow

# So many of the first hits are looked at for what they have in common.
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
    """A link that narrows the results: `count` of them have it."""

    label: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """A field by whose values the results can be narrowed."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A condition by which they are narrowed, in words; `is_text`: in the language, where there are none. `url`: the
    results without it."""

    words: str
    is_text: bool
    url: str


@dataclass(frozen=True, slots=True)
class OtherReading:
    """A link to the same search with its minus signs read in the other way, and what it does in words."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket, its subject with the words marked, and where else they stand ("" for nowhere); `words`: those marked,
    folded."""

    row: TicketRow
    subject: SafeString
    excerpt: SafeString
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Everything the page prints. `more_url`: the hits behind these, "" for none; `is_first`: none are before them.
    `filter_url`: the same as a filter; `mistake`: why nothing could be looked for; `note`: where it was not;
    `other_readings`: what the minus signs in it may have meant instead."""

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
    """For the address's words `q`, `jql` and `after`, or `state` and `desk` of older addresses; whatever they are, the
    answer is a page. `jql`: conditions by which the results are narrowed."""
    text, asker = cleaned(query.get("q", "")), Asker(stands.person, at, at_work=True)
    try:
        chosen = _conditions_in(stands, query)
        return _page(stands, asker, text, chosen, _place_in(query.get("after", "")))
    except UnableTo as error:
        is_narrowed = any(query.get(name) for name in ("jql", "state", "desk"))
        return FoundPage(text, [], "", True, _url(text) if is_narrowed else "", [], [], "", mistake=error.translated())


def _page(stands: Standing, asker: Asker, text: str, chosen: Sequence[Part], after: Place | None) -> FoundPage:
    understood = None if has_signs_alone(text) else sought(text, with_signs=True)
    # Further pages have no facets, and count for none.
    most = FOUND_AT_MOST if after else SAMPLE
    # A page of hits of a common word is soon full, unless other desks' requests have it; words that hardly ever
    # stand together, or without one another, are looked for everywhere.
    with each_statement_within(_LIMIT):
        # What is open has indexes of its own, and the search knows how to walk them.
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
    """The conditions of the address that must all hold. Raises BadJql."""
    where = parse(query.get("jql", "")).where
    chosen: list[Part] = [] if where is None else [*(where.parts if isinstance(where, And) else (where,))]
    if desk := stands.desk(query.get("desk", "")):
        chosen.append(Condition(Literal("project"), Operator.IS, (Literal(desk.key),)))
    if condition := _STATES.get(query.get("state", "")):
        chosen.append(condition)
    return chosen


def _absent_words(text: str, understood: Sought | None, chosen: Sequence[Part]) -> list[Chosen]:
    """What is to be absent, as chips beside the conditions."""
    pieces = typed_pieces(text)
    return [
        Chosen(
            _("Without “%(word)s”") % {"word": piece.text},
            is_text=False,
            url=_url(" ".join(other.written for other in pieces if other is not piece), chosen),
        )
        for piece in _left_out(pieces, understood)
    ]


def _left_out(pieces: Sequence[TypedPiece], understood: Sought | None) -> list[TypedPiece]:
    """Those of the pieces of which nothing may stand in a hit; of small words («-нет») that cannot be asked."""
    terms = understood.terms if understood else ()
    absent = {term.text for reading in terms for term in reading if term.is_absent}
    return [piece for piece in pieces if piece.is_absent and " ".join(tokens(piece.text)[:MOST_WORDS]) in absent]


def _other_readings(text: str, understood: Sought | None, chosen: Sequence[Part]) -> list[OtherReading]:
    pieces = typed_pieces(text)
    left_out = _left_out(pieces, understood)
    return [_read_otherwise(piece, pieces, chosen) for piece in pieces if piece.is_option or piece in left_out]


def _read_otherwise(piece: TypedPiece, pieces: Sequence[TypedPiece], chosen: Sequence[Part]) -> OtherReading:
    label = _("Leave out “%(word)s”") if piece.is_option else _("Look for “%(word)s” instead")
    word = piece.text.removeprefix("-")
    other = f'-"{word}"' if piece.is_option else f'"{word}"'
    typed = " ".join(other if one is piece else one.written for one in pieces)
    return OtherReading(label % {"word": word}, _url(typed, chosen))


def _chosen(asker: Asker, text: str, chosen: Sequence[Part]) -> list[Chosen]:
    """The conditions as chips."""
    spans = spans_of(Query(joined(chosen)), asker) if chosen else []
    return [_one_chosen(asker, span, _url(text, [*chosen[: span.path[0]], *chosen[span.end :]])) for span in spans]


def _one_chosen(asker: Asker, span: Span, url: str) -> Chosen:
    # As its facet calls it.
    if (state := next((state for state, part in _STATES.items() if span.parts == (part,)), None)) is not None:
        value = pgettext("requests", "open") if state == "open" else pgettext("requests", "closed")
        return Chosen(f"{_('State')}: {value}", is_text=False, url=url)
    chip = chip_of(span, asker)
    return Chosen(chip.words, is_text=chip.is_code, url=url)


def _as_filter(understood: Sought, hits: Sequence[Hit], callers: Sequence[int], chosen: Sequence[Part]) -> str:
    """The address of the filter that finds the same; "" where a filter cannot say it."""
    people = names_of(callers) if 0 < len(callers) <= NAMED_AT_MOST else []
    marked = {word for hit in hits for word in hit.words}
    terms = max(understood.terms, key=lambda terms: _met(terms, marked), default=())
    looked_for = as_conditions(terms, people)
    if looked_for is None:
        return ""
    text = write(Query(joined([looked_for, *chosen]), (Sorting(Literal("updated"), descending=True),)))
    return f"{reverse('workspace:issues')}?{urlencode({'jql': text})}" if len(text) <= LONGEST else ""


def _met(terms: Sequence[Term], marked: Collection[str]) -> float:
    """Which part of the words was found: of those of another layout hardly ever any."""
    words = [word for term in terms if not term.is_absent for word in term.text.split()]
    if not words:
        return 0
    return sum(any(same_word(word, other) or same_word(other, word) for other in marked) for word in words) / len(words)


def _hits(places: Sequence[Place], understood: Sought | str) -> list[Hit]:
    """`understood`: what was looked for; signs as they are."""
    tickets = rows_at(places)
    shown = {ticket.id: ticket.subject for ticket in tickets}
    marked = signs_in(shown, understood) if isinstance(understood, str) else marked_in(shown, understood, None)
    return [_hit(ticket, marked[ticket.id].subject, marked[ticket.id].excerpt) for ticket in tickets]


def _hit(ticket: TicketRow, subject: Sequence[Piece], excerpt: Sequence[Piece]) -> Hit:
    words = frozenset(fold(piece.text) for piece in (*subject, *excerpt) if piece.marked)
    return Hit(ticket, marked_words(subject), marked_words(excerpt), words)


def _place_in(after: str) -> Place | None:
    """The place that `_written` wrote; None for anything else."""
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

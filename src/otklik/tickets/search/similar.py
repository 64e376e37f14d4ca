"""Tickets about the same: those that share the rarest words of a ticket's subject and opening message (ADR 83)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.core.search_text import tokens
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.frequency import subjects_with, texts_with, tickets_there_are

# How many words are compared: first those of the subject, which states the matter.
SUBJECT_WORDS = 8
MOST_WORDS = 12
# Words in more than RARE texts are searched in subjects only, in pairs of the PAIRED rarest.
RARE, COMMON = 5_000, 20_000
PAIRED = 4
# Pairs may read LISTED index entries; beyond that they are searched in the NEWEST tickets.
LISTED, NEWEST = 50_000, 2_000
# Limits: texts read per word or pair, and tickets that are compared.
TEXTS_AT_MOST = 200
COMPARED_AT_MOST = 40
# The least share, by weight, of the words found anywhere that a similar ticket must have.
ALIKE = 0.4
# Sharing so many words of the opening message alone may be chance.
_IN_PASSING = 2
_SHORTEST = 3
_WORDS = """
SELECT unnest(tsvector_to_array(words)), true FROM tickets_ticket WHERE id = %(ticket)s UNION ALL
SELECT unnest(tsvector_to_array(words)), false FROM tickets_message WHERE ticket_id = %(ticket)s AND opening
"""
# The condition on `opening` in a form that no index knows: there are as many opening messages as tickets.
_SHARING = """
WITH newest AS MATERIALIZED (
    SELECT id, words FROM tickets_ticket WHERE desk_id = ANY(%(desks)s::bigint[])
    ORDER BY updated_at DESC, id DESC LIMIT %(newest)s
)
SELECT ticket, closed_at IS NOT NULL, array_agg(place::int) FROM (
    SELECT place, weight, ticket
    FROM unnest(%(queries)s::text[], %(weights)s::float8[], %(rare)s::bool[], %(walked)s::bool[])
    WITH ORDINALITY AS wanted (query, weight, is_rare, is_walked, place), LATERAL (
        (SELECT id AS ticket FROM tickets_ticket WHERE NOT is_walked AND words @@ query::tsquery LIMIT %(most)s) UNION
        (SELECT id FROM newest WHERE is_walked AND words @@ query::tsquery LIMIT %(most)s) UNION
        (SELECT ticket_id FROM tickets_message
         WHERE is_rare AND words @@ query::tsquery AND CASE WHEN opening THEN true END LIMIT %(most)s)
    ) AS texts
) AS hits JOIN tickets_ticket ON id = ticket
WHERE desk_id = ANY(%(desks)s::bigint[]) AND ticket <> %(ticket)s
GROUP BY ticket, closed_at, updated_at ORDER BY sum(weight) DESC, updated_at DESC, ticket LIMIT %(compared)s
"""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as indexed. `weight`: how much it tells, more for rarer words."""

    text: str
    weight: float
    in_subject: bool = False

    @property
    def query(self) -> str:
        """The word as a tsquery."""
        escaped = self.text.replace("\\", "\\\\").replace("'", "''")
        return f"'{escaped}'"

    @property
    def texts(self) -> int:
        """The estimated number of texts that contain it."""
        return texts_with(self.query)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A word, or two words of one subject, to look up by index. `is_walked`: search the NEWEST tickets instead."""

    words: tuple[Word, ...]
    is_walked: bool = False

    @property
    def is_rare(self) -> bool:
        return len(self.words) == 1 and self.words[0].texts <= RARE

    @property
    def query(self) -> str:
        return " & ".join(word.query for word in self.words)

    @property
    def weight(self) -> float:
        return sum(word.weight for word in self.words)


def similar(ticket: Ticket, desks: Sequence[int], *, most: int) -> list[int]:
    """Return ids of similar tickets at these desks, solved ones first, then by similarity.

    For staff of these desks. The requester's name is not compared. Of frequent words not all texts are read. Two
    statements, and one for the requester.
    """
    lookups = _lookups(telling_words(ticket))
    if not lookups:
        return []
    values: dict[str, Any] = {
        "ticket": ticket.pk,
        "queries": [lookup.query for lookup in lookups],
        "weights": [lookup.weight for lookup in lookups],
        "rare": [lookup.is_rare for lookup in lookups],
        "walked": [lookup.is_walked for lookup in lookups],
        "newest": NEWEST,
        "most": TEXTS_AT_MOST,
        "desks": list(desks),
        "compared": COMPARED_AT_MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, values)
        rows = cursor.fetchall()
    shared = {pk: {word for place in places for word in lookups[place - 1].words} for pk, _solved, places in rows}
    return _alike(shared, {pk for pk, is_solved, _places in rows if is_solved})[:most]


def _lookups(words: Sequence[Word]) -> list[_Lookup]:
    """Choose what to look up: each rare word alone, commoner subject words in pairs.

    If there are neither, the subject's rarest word alone, unless it is too common.
    """
    rare = [word for word in words if word.texts <= RARE]
    paired = combinations([word for word in words if word.in_subject][:PAIRED], 2)
    pairs = [pair for pair in paired if not {*pair} <= {*rare}]
    if not rare and not pairs:
        rare = [word for word in words[:1] if word.in_subject and word.texts <= COMMON]
    return [*(_Lookup((word,)) for word in rare), *_pairs(pairs)]


def _pairs(pairs: Iterable[tuple[Word, Word]]) -> Iterator[_Lookup]:
    """Looks pairs up by index until LISTED entries would be read; the rest are searched in the newest tickets.

    The index reads all subjects with the rarer word of a pair.
    """
    listed = 0
    for pair in sorted(pairs, key=_subjects_gone_through):
        listed += _subjects_gone_through(pair)
        yield _Lookup(pair, is_walked=listed > LISTED)


def _subjects_gone_through(pair: tuple[Word, Word]) -> int:
    return min(subjects_with(word.query) for word in pair)


def _alike(shared: Mapping[int, Collection[Word]], solved: Collection[int]) -> list[int]:
    """Ids of the tickets that share enough of the words, by weight; solved ones first, then the best matches.

    `shared`: ticket id -> the words that it shares.
    """
    known = {word for words in shared.values() for word in words}
    weights = {pk: sum(word.weight for word in words) for pk, words in shared.items()}
    least = ALIKE * sum(word.weight for word in known)
    alike = [pk for pk, words in shared.items() if weights[pk] >= least and _says_something(words)]
    return sorted(alike, key=lambda pk: (pk in solved, weights[pk]), reverse=True)


def _says_something(words: Collection[Word]) -> bool:
    """Return whether the words are more than a shared greeting or signature."""
    return any(word.in_subject for word in words) or len(words) > _IN_PASSING


def telling_words(ticket: Ticket) -> list[Word]:
    """Return the heaviest words of subject and opening message: rare words weigh most, subject words double.

    At most MOST_WORDS, among them at most SUBJECT_WORDS of the subject, which come first. Names of the requester are
    left out. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, {"ticket": ticket.pk})
        rows = cursor.fetchall()
    names = set(tokens(ticket.requester.name)) if ticket.requester else set()
    in_subject = {text for text, is_subject in rows if is_subject}
    distinct = sorted({text for text, _is_subject in rows if _tells(text, names)})
    words = [Word(text, _weight(text) * (2 if text in in_subject else 1), text in in_subject) for text in distinct]
    words.sort(key=lambda word: word.weight, reverse=True)
    subject = [word for word in words if word.in_subject][:SUBJECT_WORDS]
    return [*subject, *(word for word in words if not word.in_subject)][:MOST_WORDS]


def _tells(text: str, names: Iterable[str]) -> bool:
    if len(text) < _SHORTEST:
        return False
    # Names occur in inflected forms.
    return not any(name.startswith(text) or text.startswith(name) for name in names if len(name) >= _SHORTEST)


def _weight(text: str) -> float:
    """Inverse document frequency; a word that is not in the statistics counts as unique."""
    return log(1 + max(tickets_there_are(), 1) / max(texts_with(f"'{text}'"), 1))


@fast_read("tickets")
def solved_with(*, tickets: list[int]) -> QuerySet[Ticket, tuple[int, str | None, str | None]]:
    """For each ticket its id, the staff's last public answer before it was closed, and that text's markup.

    None where it is open or was not answered.
    """
    answers = Message.objects.filter(
        ticket=OuterRef("pk"),
        kind=Message.Kind.PUBLIC,
        side=Message.Side.STAFF,
        held=False,
        opening=False,
        withdrawn_at=None,
        created_at__lte=OuterRef("closed_at"),
    ).order_by("-created_at", "-id")
    rows = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    texts = rows.annotate(answer=Subquery(answers.values("text")[:1]), markup=Subquery(answers.values("markup")[:1]))
    return texts.values_list("pk", "answer", "markup")

"""What may be wrong with a public reply: words of an internal note, others' addresses, copies that will not arrive."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from otklik.desks.models import Membership
from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.people.queries import persons_by_addresses
from otklik.tickets.models import Message, Participant, Ticket
from otklik.workspace.outbox import troubles_among

# How many of the newest messages are compared.
_MOST = 300
# So many words in a row are a quotation; a shorter note is quoted as a whole, if it has at least the second number.
_ROW, _SHORTEST = 6, 3
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"[\s<>()\[\]\"',;:]+")

_Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warnings:
    """What a reply says that may be a mistake. `mark`: what a form sends back to say that exactly this is meant."""

    sentences: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        return sha256("\n".join(self.sentences).encode()).hexdigest()[:32] if self.sentences else ""


def warnings_about(ticket: Ticket, text: str, added: Collection[str] = ()) -> Warnings:
    """Return the warnings about a public reply with this text; `added`: addresses that get it in copy.

    What the conversation said publicly before, and addresses of those on the ticket or of anybody who works at a desk,
    are none.
    """
    rows = Message.objects.filter(ticket=ticket, withdrawn_at=None, held=False).order_by("-id")
    said = list(rows.values_list("kind", "text")[:_MOST])
    public = [words for kind, words in said if kind == Message.Kind.PUBLIC]
    notes = [words for kind, words in said if kind == Message.Kind.INTERNAL]
    sentences = []
    if quoted := _quoted(text, notes, public):
        sentences.append(_("It repeats an internal note: “%(words)s”.") % {"words": quoted})
    if named := _others_named(ticket, text, public, added):
        sentences.append(
            _("It names the address of another customer: %(addresses)s.") % {"addresses": ", ".join(named)}
        )
    if refusing := sorted(troubles_among(added)) if added else []:
        sentences.append(_("Mail will not arrive at: %(addresses)s.") % {"addresses": ", ".join(refusing)})
    return Warnings(tuple(sentences))


def _quoted(text: str, notes: Sequence[str], public: Sequence[str]) -> str:
    """Return words of a note that the text repeats and nobody has said publicly; "" if there are none."""
    words = _words(text)
    own = {size: set(_rows(words, size)) for size in range(_SHORTEST, _ROW + 1)}
    repeated = [row for note in notes for row in _telling(_words(note)) if row in own[len(row)]]
    if not repeated:
        return ""
    known = {size: {row for said in public for row in _rows(_words(said), size)} for size in {len(r) for r in repeated}}
    return next((" ".join(row) for row in repeated if row not in known[len(row)]), "")


def _telling(words: list[str]) -> Iterator[_Row]:
    """Yield the rows of words that give a note away: each of _ROW words, or all of a shorter note."""
    return _rows(words, _ROW) if len(words) >= _ROW else _rows(words, max(_SHORTEST, len(words)))


def _rows(words: list[str], size: int) -> Iterator[_Row]:
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _others_named(ticket: Ticket, text: str, public: Sequence[str], added: Collection[str]) -> list[str]:
    known = {address for said in public for address in _addresses_in(said)} | {*added}
    owners = persons_by_addresses(address for address in _addresses_in(text) if address not in known)
    if not owners:
        return []
    here = set(_on_ticket(ticket, owners.values()))
    return sorted(address for address, owner in owners.items() if owner.pk not in here)


def _on_ticket(ticket: Ticket, people: Collection[Person]) -> Iterator[int]:
    """Yield the ids of those who are on the ticket or no customers."""
    yield from Participant.objects.filter(ticket=ticket, removed_at=None, person__in=people).values_list(
        "person", flat=True
    )
    yield from Membership.objects.filter(person__in=people).values_list("person", flat=True)
    yield from (person.pk for person in people if person.is_admin or person.pk == ticket.requester_id)


def _addresses_in(text: str) -> Iterator[str]:
    for part in _BETWEEN.split(text):
        if "@" in part:
            try:
                yield canonical(part.strip(".!?*_`"))
            except BadAddress:
                continue

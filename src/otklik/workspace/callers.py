"""Who is calling: known people by what is typed of phone, name and address together, the likeliest first."""

import re
from dataclasses import dataclass

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from otklik.core.errors import UnableTo
from otklik.desks.access import worked_desks
from otklik.people.addresses import canonical
from otklik.people.commands.phones import comparable_number
from otklik.people.models import Person
from otklik.people.queries import owners_of_like, person_by_address
from otklik.people.search import with_pieces
from otklik.tickets.models import Participant

SHORTEST = 3
WORDS_AT_MOST = 6
LONGEST = 200
# An exact number or address identifies one person, so it outweighs any similarity of names.
_WHOLE_NUMBER = _WHOLE_ADDRESS = 16
_MOST_OF_NUMBER = 8
_PART_OF_NUMBER = _PART_OF_ADDRESS = 4
_MOST = 6  # digits
_WHOLE_NAME = 4
_WORD_OF_NAME = 2


@dataclass(frozen=True, slots=True)
class Typed:
    """What the agent has typed about the caller so far."""

    phone: str = ""
    name: str = ""
    address: str = ""

    @property
    def number(self) -> str:
        """The phone number in its stored form; "" if it has fewer than SHORTEST digits."""
        number = comparable_number(self.phone) if self.phone else ""
        return number if len(number) >= SHORTEST else ""

    @property
    def mail(self) -> str:
        """The address in canonical form; "" while it is incomplete or invalid."""
        try:
            return canonical(self.address) if self.address else ""
        except UnableTo:
            return ""

    @property
    def means_somebody(self) -> bool:
        """Whether enough is typed to search for."""
        return bool(_likenesses(self))


def callers_like(viewer: Person, typed: Typed) -> QuerySet[Person]:
    """Return active people on tickets of the viewer's desks (AB-47) who match any of the fields, best first.

    `phones` are prefetched. Returns none if too little is typed.
    """
    likenesses = _likenesses(typed)
    if not likenesses:
        return Person.objects.none()
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    condition, score = Q(), Value(0, IntegerField())
    counted: Combinable = score
    for like, points in likenesses:
        condition |= like
        counted = counted + Case(When(like, then=points), default=0, output_field=IntegerField())
    named = with_pieces(_pieces(typed))
    people = Person.objects.filter(named, condition, Exists(ours), is_active=True).annotate(likeness=counted)
    return people.distinct().prefetch_related("phones").order_by(F("likeness").desc(), "name", "id")


def likely_callers(viewer: Person, typed: Typed) -> QuerySet[Person]:
    """Return those of `callers_like` who have the exact number, or all typed words in their name."""
    name_parts = [word for word in typed.name.split()[:WORDS_AT_MOST] if len(word) >= SHORTEST]
    by_name = Q()
    for word in name_parts:
        by_name &= Q(name__iregex=_yo(word))
    by_number = Q(pk__in=_owners(number=typed.number)) if typed.number else Q(pk__in=[])
    return callers_like(viewer, typed).filter(by_number | by_name if name_parts else by_number)


def adds_phone(person: Person, typed: Typed) -> str:
    """Return the typed number if it is not among the person's phones, else "". Prefetch `phones` before."""
    known = {phone.number for phone in person.phones.all()}
    return typed.phone if typed.number and typed.number not in known else ""


def free_address(typed: Typed) -> str:
    """Return the typed address in canonical form if it is valid and belongs to nobody, else ""."""
    return typed.mail if typed.mail and person_by_address(typed.mail) is None else ""


def _likenesses(typed: Typed) -> list[tuple[Q, int]]:
    return [*_by_phone(typed), *_by_address(typed), *_by_name(typed)]


def _pieces(typed: Typed) -> list[str]:
    """Return texts for the people index: whoever matches any of `_likenesses` contains all pieces of one of them."""
    digits = "".join(c for c in typed.phone if c.isdigit())
    name = " ".join(typed.name.split())[:LONGEST]
    name_parts = [word for word in name.split() if len(word) >= SHORTEST][:WORDS_AT_MOST] or [name]
    # Shorter names are not searched for; their pieces would exclude nobody or everybody.
    return [
        *([typed.number, digits[1:] if len(digits) == 11 else digits] if typed.number else []),
        *([typed.address[:LONGEST]] if len(typed.address.split()) and len(typed.address) >= SHORTEST else []),
        *([typed.mail] if typed.mail else []),
        *(name_parts if len(name) >= SHORTEST else []),
    ]


def _by_phone(typed: Typed) -> list[tuple[Q, int]]:
    if not typed.number:
        return []
    digits = "".join(c for c in typed.phone if c.isdigit())
    # +7 and 8 begin the same Russian number, so the rest of it is what counts.
    part = digits[1:] if len(digits) == 11 else digits
    ranked = [(Q(pk__in=_owners(number=typed.number)), _WHOLE_NUMBER)]
    points = _MOST_OF_NUMBER if len(part) >= _MOST else _PART_OF_NUMBER
    return [*ranked, (Q(pk__in=_owners(number__contains=part)), points)] if len(part) >= SHORTEST else ranked


def _owners(**criteria: str) -> QuerySet[Person, int]:
    """Return ids of people who have a phone matching the criteria (lookups of Phone)."""
    from_number = {f"phones__{name}": value for name, value in criteria.items()}
    return Person.objects.filter(with_pieces(criteria.values()), **from_number).values_list("pk", flat=True)


def _by_address(typed: Typed) -> list[tuple[Q, int]]:
    text = " ".join(typed.address.split())[:LONGEST]
    ranked = [(Q(pk__in=owners_of_like(text)), _PART_OF_ADDRESS)] if len(text) >= SHORTEST else []
    owner = person_by_address(typed.mail) if typed.mail else None
    return [(Q(pk=owner.pk), _WHOLE_ADDRESS), *ranked] if owner else ranked


def _by_name(typed: Typed) -> list[tuple[Q, int]]:
    line = " ".join(typed.name.split())[:LONGEST]
    if len(line) < SHORTEST:
        return []
    name_parts = [word for word in line.split() if len(word) >= SHORTEST][:WORDS_AT_MOST] or [line]
    whole = (Q(name__iregex=f"^{_yo(line)}$"), _WHOLE_NAME)
    return [whole, *((Q(name__iregex=_yo(word)), _WORD_OF_NAME) for word in name_parts)]


def _yo(text: str) -> str:
    """Escape the text for a regular expression that does not distinguish е and ё."""
    return re.sub("[её]", "[её]", re.escape(text), flags=re.IGNORECASE)

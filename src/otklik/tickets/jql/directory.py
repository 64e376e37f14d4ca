"""People and organisations by the first letters of their names, among those that the asker may know of."""

from otklik.core.search_text import variants
from otklik.people.models import Organization, Person
from otklik.people.search import with_pieces
from otklik.tickets.jql.asker import Asker

# From how many letters on they are looked for: nobody leafs through a directory (AB-55).
LEAST = 2
MOST = 12


def people_like(typed: str, asker: Asker) -> list[Person]:
    """At most MOST in whose name, login or addresses words begin so; none for fewer letters than LEAST.

    A keyboard left in the other layout does not matter.
    """
    alternatives = variants(typed.replace("\0", ""))
    if len(typed.strip()) < LEAST or not alternatives:
        return []
    known = asker.seen_people().filter(with_pieces(alternatives), is_active=True)
    return list(known.order_by("name", "pk")[:MOST])


def name_of(person: Person) -> str:
    """By what a text names the person, in the surest way that there is: who only calls has nothing but a name."""
    return person.email or person.login or person.name


def organizations_like(typed: str, asker: Asker) -> list[Organization]:
    """The same of organisations, by any part of the name; the first ones by name where nothing is typed."""
    name = " ".join(typed.replace("\0", "").split())
    return list(asker.seen_organizations().filter(name__icontains=name).order_by("name", "pk")[:MOST])

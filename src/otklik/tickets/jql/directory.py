"""People and organisations by the first letters of their names, among those that the asker may know of."""

from otklik.core.search_text import variants
from otklik.people.models import Organization, Person
from otklik.people.search import with_pieces
from otklik.tickets.jql.evaluation_context import Asker

# The fewest letters to search for: nobody may browse the directory (AB-55).
LEAST = 2
MOST = 12


def people_like(typed: str, asker: Asker) -> list[Person]:
    """Return up to MOST active people that the asker may name, with words in name, login or addresses that begin so.

    Empty for fewer than LEAST letters. Also tries the other keyboard layout.
    """
    alternatives = variants(typed.replace("\0", ""))
    if len(typed.strip()) < LEAST or not alternatives:
        return []
    known = asker.seen_people().filter(with_pieces(alternatives), is_active=True)
    return list(known.order_by("name", "pk")[:MOST])


def name_of(person: Person) -> str:
    """Return the text that identifies the person most reliably in a query; callers have nothing but a name."""
    return person.email or person.login or person.name


def organizations_like(typed: str, asker: Asker) -> list[Organization]:
    """Return up to MOST organizations that the asker may name whose name contains the text; with no text the first
    ones."""
    name = " ".join(typed.replace("\0", "").split())
    return list(asker.seen_organizations().filter(name__icontains=name).order_by("name", "pk")[:MOST])

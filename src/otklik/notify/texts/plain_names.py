"""Whether a name is safe to mail to strangers, or may be an advertisement or a threat."""

import re
import unicodedata

from otklik.people.models import Person

_JOINTS = "'’-."
LONGEST, MOST_WORDS = 40, 3
# Letters of one word, with what joins names: O'Neil, Анна-Мария, К.
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")


def is_plain_name(name: str) -> bool:
    """Return whether it is at most three words of letters, 40 characters in all: no digits, addresses or sentences."""
    parts = name.split()
    if not parts or len(parts) > MOST_WORDS or len(name) > LONGEST or unicodedata.normalize("NFKC", name) != name:
        return False
    return all(_WORD.fullmatch(part) and all(c.isalpha() or c in _JOINTS for c in part) for part in parts)


def shown_to_strangers(person: Person) -> str:
    """Return a customer's name for readers who may not know them: name and address, or the address alone (AB-88)."""
    name, address = person.name, person.email or ""
    if not address:
        return name if is_plain_name(name) else "—"
    return f"{name} ({address})" if is_plain_name(name) else address

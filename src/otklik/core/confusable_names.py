"""Detect names that look alike because of confusable letters (AB-17). Pure functions."""

import unicodedata
from functools import lru_cache

# Each Latin letter followed by the Cyrillic, Greek and other characters that pass for it after casefold.
_SHAPES = "aаα bвьβ dԁ eеε hнһη jј kкκ mм nп oоο0 pрρ rг sѕ5 tтτ uυ vν xхχ yу 3з liіιıɩӏ1|!".split()
_LATIN = str.maketrans({char: shape[0] for shape in _SHAPES for char in shape[1:]})


@lru_cache(maxsize=2_000)
def looks(text: str) -> str:
    """Return a key that is equal for texts that look alike.

    Ignores case, diacritics, invisible characters and the order of words, and maps look-alike Cyrillic, Greek and Latin
    letters to one letter. The key's words are sorted and separated by single spaces.
    """
    whole = unicodedata.normalize("NFKD", text).casefold()
    shown = "".join(c for c in unicodedata.normalize("NFKD", whole) if unicodedata.category(c)[0] not in "MC")
    spread = "".join(c if c.isalnum() else " " for c in shown.translate(_LATIN))
    return " ".join(sorted(spread.split()))


def holds(name: str, known: str) -> bool:
    """Return whether a name looks like the known one or contains all its words. Both are keys from `looks`.

    A known name of a single word matches only the same single word, since many people share a first name.
    """
    parts, wanted = set(name.split()), set(known.split())
    return bool(wanted) and (name == known or (len(wanted) > 1 and wanted <= parts))

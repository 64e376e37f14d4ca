"""Which words of a text are searched: made by the database itself, so they never lag behind the text (ADR 27)."""

from django.contrib.postgres.search import SearchVector
from django.db.models import Func, TextField, Value
from django.db.models.functions import Left

CONFIG = "russian"
# A vector holds a megabyte at most; the rest of a longer text is read by people, not searched.
LONGEST = 100_000
# Marks part words here, so that parts of addresses, file names and keys are found; and ё is searched as е.
MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_BEFORE, _AFTER = "ёЁ" + MARKS, "еЕ" + " " * len(MARKS)
AS_SEARCHED = str.maketrans(_BEFORE, _AFTER)


def plain(field: str, longest: int = LONGEST) -> Func:
    """The text as it is searched, character for character: what AS_SEARCHED does in Python."""
    cut = Left(field, longest)
    return Func(cut, Value(_BEFORE), Value(_AFTER), function="translate", output_field=TextField())


def vector(field: str) -> SearchVector:
    """The words of a text field in their basic forms, Russian and English."""
    return SearchVector(plain(field), config=CONFIG)

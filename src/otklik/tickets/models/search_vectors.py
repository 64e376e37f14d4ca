"""Generated tsvector columns of searched texts, maintained by the database (ADR 27)."""

from django.contrib.postgres.search import SearchVector
from django.db.models import Expression, Func, TextField, Value
from django.db.models.functions import Left

CONFIG = "russian"
# A tsvector holds at most a megabyte; the rest of a longer text is not searchable.
LONGEST = 100_000
# Punctuation separates words, so that parts of addresses, file names and keys are found; ё equals е.
MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_BEFORE, _AFTER = "ёЁ" + MARKS, "еЕ" + " " * len(MARKS)
AS_SEARCHED = str.maketrans(_BEFORE, _AFTER)


def plain(field: str, longest: int = LONGEST) -> Func:
    """The text as it is indexed, character by character: AS_SEARCHED in SQL."""
    cut = Left(field, longest)
    return Func(cut, Value(_BEFORE), Value(_AFTER), function="translate", output_field=TextField())


def vector(*fields: str) -> SearchVector:
    """The tsvector of these text fields together, stemmed as Russian and English."""
    texts = [plain(field) for field in fields]
    return SearchVector(texts[0] if len(texts) == 1 else joined(*texts), config=CONFIG)


def joined(*texts: Expression) -> Func:
    """Join texts by newlines. Not Concat, since generated columns accept immutable functions only."""
    return Func(*texts, template="(%(expressions)s)", arg_joiner=" || E'\\n' || ", output_field=TextField())

"""Generated tsvector columns of searched texts, maintained by the database (ADR 27)."""

from django.contrib.postgres.search import SearchVector
from django.db.models import Expression, Func, TextField, Value
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


def vector(*fields: str) -> SearchVector:
    """The words of text fields, read as one text, in their basic forms, Russian and English."""
    texts = [plain(field) for field in fields]
    return SearchVector(texts[0] if len(texts) == 1 else joined(*texts), config=CONFIG)


def joined(*texts: Expression) -> Func:
    """Texts one below the other. Not Concat: a generated column takes only what the database calls immutable."""
    return Func(*texts, template="(%(expressions)s)", arg_joiner=" || E'\\n' || ", output_field=TextField())

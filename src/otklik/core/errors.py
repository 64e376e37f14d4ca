"""What can go wrong in a way that a person can mend."""

from enum import Enum

from django.utils.translation import gettext


def to_translate(sentence: str) -> str:
    """The words themselves. Imported as `_` it marks them for xgettext; Django's `gettext_noop` would need settings."""
    return sentence


class Term(str):
    """English words among the values of a refusal, which the edge translates: "nobody" as against a name."""

    __slots__ = ()


class Refusal(Enum):
    """The base of a package's table of refusals (`refusals.py`): a name gives the code, its value the English words.

    The words name the values of the one case as %(name)s. Words that readers of pages and mails see are marked by
    `to_translate`; those of the command line are English only.
    """

    _about: str

    def __init_subclass__(cls, *, about: str) -> None:
        """`about`: the first half of the codes, for instance "ticket". It stays when a table moves."""
        super().__init_subclass__()
        cls._about = about

    @property
    def code(self) -> str:
        """What programs and tests know the refusal by, for instance "ticket.staff_only". Never changes."""
        return f"{self._about}.{self.name.lower()}"


class UnableTo(Exception):
    """A command refuses: a `refusal` of a table, and the `values` that its words name.

    `str()` is English, for logs and the command line. Pages, mails and whatever else people read say `translated()`.
    """

    def __init__(self, refusal: Refusal, **values: object) -> None:
        super().__init__(refusal, values)
        self.refusal, self.values = refusal, values

    @property
    def code(self) -> str:
        """The code of the refusal, as in `Refusal.code`."""
        return self.refusal.code

    def __str__(self) -> str:
        return _filled(self.refusal.value, self.values)

    def translated(self) -> str:
        """What is wrong and what to do, in the reader's language. Needs the settings."""
        return translated_refusal(self.refusal, self.values)


def translated_refusal(refusal: Refusal, values: dict[str, object]) -> str:
    """The refusal's words with these values, in the reader's language. Needs the settings."""
    theirs = {name: gettext(value) if isinstance(value, Term) else value for name, value in values.items()}
    return _filled(gettext(refusal.value), theirs)


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence % values if values else sentence

"""Refusals: user-facing errors with a stable code and a translatable sentence."""

from enum import Enum

from django.utils.translation import gettext


def to_translate(sentence: str) -> str:
    """Return the sentence unchanged. Imported as `_`, it marks it for xgettext without needing Django's settings."""
    return sentence


class Term(str):
    """A value of a refusal that is an English text to translate ("nobody"), not data such as a name."""

    __slots__ = ()


class Refusal(Enum):
    """The base of each package's table of refusals (`refusals.py`): member names give codes, values English sentences.

    Sentences have placeholders such as %(name)s for the values of a particular case. Those that appear on pages and in
    mails are marked by `to_translate`; those of the command line are in English only.
    """

    _about: str

    def __init_subclass__(cls, *, about: str) -> None:
        """`about`: the first half of the codes, such as "ticket". It must not change when the table moves."""
        super().__init_subclass__()
        cls._about = about

    @property
    def code(self) -> str:
        """The refusal's stable id for programs and tests, such as "ticket.staff_only". Never changes."""
        return f"{self._about}.{self.name.lower()}"


class UnableTo(Exception):
    """The base of all errors by which a command refuses. Has a `refusal` and the `values` of its placeholders.

    `str()` is in English, for logs and the command line; pages and mails use `translated()`.
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
        """The sentence in the active language. Needs Django's settings."""
        return translated_refusal(self.refusal, self.values)


def translated_refusal(refusal: Refusal, values: dict[str, object]) -> str:
    """The refusal's sentence with these values, in the active language. Needs Django's settings."""
    translated = {name: gettext(value) if isinstance(value, Term) else value for name, value in values.items()}
    return _filled(gettext(refusal.value), translated)


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence % values if values else sentence

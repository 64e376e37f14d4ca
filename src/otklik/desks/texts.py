"""A desk's own texts in the reader's language."""

from typing import Any, Protocol

from django.utils import translation


class Translated(Protocol):
    """A row whose column `texts` holds {language: {column: text}} besides the columns in the desk's own language."""

    texts: Any


def text_of(entry: Translated, name: str, language: str = "") -> str:
    """The row's text in the reader's language, where somebody wrote one; else as the desk has it."""
    text = entry.texts.get(language or translation.get_language() or "", {}).get(name)
    return str(text or getattr(entry, name))


def name_of(entry: Translated, language: str = "") -> str:
    """The row's name in the reader's language."""
    return text_of(entry, "name", language)


def translated(name: str, texts: dict[str, dict[str, str]] | None) -> str:
    """As `name_of` for a row that was loaded as columns."""
    return str((texts or {}).get(translation.get_language() or "", {}).get("name") or name)


def option_label(option: dict[str, Any], language: str = "") -> str:
    """The words of one option of a field, in the same way."""
    label = option.get("labels", {}).get(language or translation.get_language() or "")
    return str(label or option["label"])

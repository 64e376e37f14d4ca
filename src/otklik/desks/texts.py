"""A desk's own texts in the reader's language."""

from typing import Any, Protocol

from django.utils import translation


class Translated(Protocol):
    """A row with columns in the desk's language and translations in `texts`: {language: {column: text}}."""

    texts: Any


def text_of(entry: Translated, name: str, language: str = "") -> str:
    """Return the row's text in the language (default: the active one), or untranslated."""
    text = entry.texts.get(language or translation.get_language() or "", {}).get(name)
    return str(text or getattr(entry, name))


def name_of(entry: Translated, language: str = "") -> str:
    """Return the row's name in the language (default: the active one)."""
    return text_of(entry, "name", language)


def translated(name: str, texts: dict[str, dict[str, str]] | None) -> str:
    """Like `name_of`, for a row read as columns."""
    return str((texts or {}).get(translation.get_language() or "", {}).get("name") or name)


def option_label(option: dict[str, Any], language: str = "") -> str:
    """Return an option's label in the language (default: the active one)."""
    label = option.get("labels", {}).get(language or translation.get_language() or "")
    return str(label or option["label"])

"""The form of a canned answer: folder, name, its text in each language, and its files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.multiline_field import LinesField
from otklik.desks.models import CannedAnswer, Desk
from otklik.notify.texts.grammar import parse
from otklik.notify.texts.mail_kinds import LANGUAGES
from otklik.tickets.answers.files import WithFiles, as_json
from otklik.workspace.canned_answers import known_places

MINE = ""
LONGEST = 20_000


class CannedAnswerForm(WithFiles):
    """`desks`: whose answer a new one may become besides the reader's own; None: it stays whose it is."""

    name = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    folder = forms.CharField(
        label=gettext_lazy("Folder"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"list": "canned-folders", "autocomplete": "off"}),
    )
    whose = forms.ChoiceField(label=gettext_lazy("Who uses it"), required=False)

    def __init__(self, *args: Any, desks: Sequence[Desk] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if not desks:
            del self.fields["whose"]
        else:
            choices = [(desk.key, _("Everybody at %(desk)s") % {"desk": desk.name}) for desk in desks]
            self.fields["whose"].choices = [(MINE, _("Only me")), *choices]  # type: ignore[attr-defined]  # a ChoiceField
        names = dict(settings.LANGUAGES)
        for language in LANGUAGES:
            self.fields[f"text_{language}"] = LinesField(
                label=_("Text: %(language)s") % {"language": _(names.get(language, language))},
                max_length=LONGEST,
                required=False,
                widget=forms.Textarea(attrs={"rows": 7, "lang": language}),
            )

    def clean(self) -> dict[str, Any]:
        """At least one text, each without mistakes of the grammar."""
        cleaned = super().clean() or self.cleaned_data
        texts = {language: str(cleaned.get(f"text_{language}") or "") for language in LANGUAGES}
        for language, text in texts.items():
            mistakes = parse(text, known_places(text)).mistakes
            if mistakes:
                self.add_error(f"text_{language}", [self._where(mistake.line, mistake.words) for mistake in mistakes])
        if not any(text.strip() for text in texts.values()) and not self.errors:
            self.add_error(f"text_{LANGUAGES[0]}", _("Write the text in one language at least."))
        return cleaned

    def texts(self) -> list[forms.BoundField]:
        """The fields of the texts, one for each language."""
        return [self[f"text_{language}"] for language in LANGUAGES]

    def values(self) -> dict[str, Any]:
        """The cleaned values as the commands take them."""
        cleaned = self.cleaned_data
        texts = {language: str(cleaned[f"text_{language}"]).strip("\n") for language in LANGUAGES}
        return {
            "name": cleaned["name"],
            "folder": cleaned["folder"],
            "texts": {language: {"text": text} for language, text in texts.items() if text.strip()},
            "files": [as_json(file) for file in cleaned["attachments"]],
        }

    @staticmethod
    def _where(line: int, words: str) -> str:
        return _("Line %(line)s: %(words)s") % {"line": line, "words": words}


def initial_of(answer: CannedAnswer) -> dict[str, Any]:
    """The form's initial values for an answer."""
    texts = {f"text_{language}": parts.get("text", "") for language, parts in answer.texts.items()}
    return {"name": answer.name, "folder": answer.folder, **texts}

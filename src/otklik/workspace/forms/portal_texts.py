"""Settings form for the portal's texts in every language of the site."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.commands.translations import COLUMN, NAMED, named_rows
from otklik.desks.models import Center, Desk, Transition
from otklik.workspace.forms.request_types import TranslatedForm, other_languages


class TextsForm(TranslatedForm):
    """The texts of a desk's portal in every language."""

    translated = ("name", "welcome", "question", "announcement")

    name = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    welcome = forms.CharField(
        label=gettext_lazy("Words of welcome"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    question = forms.CharField(
        label=gettext_lazy("The question above the request types"), max_length=200, required=False
    )
    announcement = forms.CharField(
        label=gettext_lazy("Announcement"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        initial = {name: getattr(desk, name) for name in self.translated}
        super().__init__(desk, *args, initial=initial, texts=desk.texts, **options)

    def values(self) -> dict[str, Any]:
        """Return the cleaned values as the command takes them."""
        texts = {name: self.cleaned_data[name].replace("\r\n", "\n") for name in self.translated}
        return {**texts, "texts": self.texts()}


class CenterForm(TranslatedForm):
    """The announcement of the help centre."""

    translated = ("announcement",)

    announcement = forms.CharField(
        label=gettext_lazy("Announcement"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, center: Center, *args: Any, **options: Any) -> None:
        initial = {"announcement": center.announcement}
        super().__init__(Desk(), *args, initial=initial, texts=center.texts, **options)


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A named object of the desk with a field for each other language."""

    kind: str
    id: int
    name: str
    fields: list[forms.BoundField]


class NamesForm(forms.Form):
    """The names of the desk's statuses, queues, types, ... in other languages. One query for each kind."""

    HEADINGS: ClassVar = {
        "status": gettext_lazy("Statuses"),
        "transition": gettext_lazy("Buttons"),
        "priority": gettext_lazy("Priorities"),
        "queue": gettext_lazy("Queues"),
        "request_type": gettext_lazy("Request types"),
        "group": gettext_lazy("Groups"),
        "field": gettext_lazy("Fields of forms"),
    }

    prefix = "names"

    def __init__(self, desk: Desk, *args: Any) -> None:
        super().__init__(*args)
        self.languages = other_languages(desk)
        self.rows = [(kind, named) for kind in NAMED for named in named_rows(kind, desk)]
        for kind, named in self.rows:
            column = COLUMN.get(kind, "name")
            for code, language in self.languages:
                self.fields[f"{kind}_{named.pk}_{code}"] = forms.CharField(
                    label=f"{getattr(named, column)} ({language})",
                    max_length=type(named)._meta.get_field(column).max_length,
                    required=False,
                    initial=named.texts.get(code, {}).get(column, ""),
                )

    def sections(self) -> list[tuple[Any, list[NamedRow]]]:
        """Return the non-empty sections: heading and rows.

        Several rows may have the same name; transitions that do also name their source status.
        """
        names = Counter(named.name for kind, named in self.rows if kind == "transition")
        named_rows = [
            NamedRow(
                kind,
                named.pk,
                _led_from(named) if kind == "transition" and names[named.name] > 1 else _shown(kind, named),
                [self[f"{kind}_{named.pk}_{code}"] for code, _name in self.languages],
            )
            for kind, named in self.rows
        ]
        sections = [
            (heading, [named for named in named_rows if named.kind == kind]) for kind, heading in self.HEADINGS.items()
        ]
        return [(heading, rows) for heading, rows in sections if rows]

    def texts(self) -> dict[tuple[str, int], dict[str, dict[str, str]]]:
        """Return {(kind, id): translations} of a valid form. Rows omitted by a script are left out."""
        sent = {name.removeprefix(f"{self.prefix}-").rpartition("_")[0] for name in self.data}
        return {(kind, named.pk): self._texts(kind, named) for kind, named in self.rows if f"{kind}_{named.pk}" in sent}

    def _texts(self, kind: str, named: Any) -> dict[str, dict[str, str]]:
        """Return the row's translations with the new names; translations of other columns are kept."""
        column, translations = COLUMN.get(kind, "name"), dict[str, dict[str, str]]()
        for code, _name in self.languages:
            texts = {name: text for name, text in named.texts.get(code, {}).items() if name != column}
            text = self.cleaned_data[f"{kind}_{named.pk}_{code}"]
            if texts or text:
                translations[code] = {**({column: text} if text else {}), **texts}
        return translations


def _led_from(button: Transition) -> str:
    status = button.source.name if button.source is not None else _("any other status")
    return _("%(name)s (from “%(status)s”)") % {"name": button.name, "status": status}


def _shown(kind: str, named: Any) -> str:
    return f"{named.request_type.name}: {named.label}" if kind == "field" else str(named.name)

"""The portal's words in every language of the site, side by side."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.commands.names import COLUMN, NAMED, named_rows
from otklik.desks.models import Center, Desk, Transition
from otklik.workspace.forms.types import TranslatedForm, other_languages


class TextsForm(TranslatedForm):
    """What a desk says on its portal."""

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
        """The cleaned values as the command takes them."""
        said = {name: self.cleaned_data[name].replace("\r\n", "\n") for name in self.translated}
        return {**said, "texts": self.texts()}


class CenterForm(TranslatedForm):
    """What the help centre says above all desks."""

    translated = ("announcement",)

    announcement = forms.CharField(
        label=gettext_lazy("Announcement"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, center: Center, *args: Any, **options: Any) -> None:
        initial = {"announcement": center.announcement}
        super().__init__(Desk(), *args, initial=initial, texts=center.texts, **options)


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row of the desk with a field for each other language."""

    kind: str
    id: int
    name: str
    fields: list[forms.BoundField]


class NamesForm(forms.Form):
    """What the parts of the desk are called in other languages. One query for each kind."""

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
        self.rows = [(kind, row) for kind in NAMED for row in named_rows(kind, desk)]
        for kind, row in self.rows:
            column = COLUMN.get(kind, "name")
            for code, language in self.languages:
                self.fields[f"{kind}_{row.pk}_{code}"] = forms.CharField(
                    label=f"{getattr(row, column)} ({language})",
                    max_length=type(row)._meta.get_field(column).max_length,
                    required=False,
                    initial=row.texts.get(code, {}).get(column, ""),
                )

    def sections(self) -> list[tuple[Any, list[NamedRow]]]:
        """The fields under their headings, where there are any. A name that several rows bear stands once for each; a
        button's says then from which status it leads."""
        names = Counter(row.name for kind, row in self.rows if kind == "transition")
        made = [
            NamedRow(
                kind,
                row.pk,
                _led_from(row) if kind == "transition" and names[row.name] > 1 else _shown(kind, row),
                [self[f"{kind}_{row.pk}_{code}"] for code, _name in self.languages],
            )
            for kind, row in self.rows
        ]
        sections = [(heading, [row for row in made if row.kind == kind]) for kind, heading in self.HEADINGS.items()]
        return [(heading, rows) for heading, rows in sections if rows]

    def texts(self) -> dict[tuple[str, int], dict[str, dict[str, str]]]:
        """As the command takes them, of a valid form; rows that a script left out are left out."""
        sent = {name.removeprefix(f"{self.prefix}-").rpartition("_")[0] for name in self.data}
        return {(kind, row.pk): self._texts(kind, row) for kind, row in self.rows if f"{kind}_{row.pk}" in sent}

    def _texts(self, kind: str, row: Any) -> dict[str, dict[str, str]]:
        """With what the row says besides its name, such as the help of a request type."""
        column, made = COLUMN.get(kind, "name"), dict[str, dict[str, str]]()
        for code, _name in self.languages:
            said = {name: words for name, words in row.texts.get(code, {}).items() if name != column}
            words = self.cleaned_data[f"{kind}_{row.pk}_{code}"]
            if said or words:
                made[code] = {**({column: words} if words else {}), **said}
        return made


def _led_from(button: Transition) -> str:
    status = button.source.name if button.source is not None else _("any other status")
    return _("%(name)s (from “%(status)s”)") % {"name": button.name, "status": status}


def _shown(kind: str, row: Any) -> str:
    return f"{row.request_type.name}: {row.label}" if kind == "field" else str(row.name)

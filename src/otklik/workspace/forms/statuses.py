"""Settings forms for statuses and resolutions, and for the site's lists."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.commands.site_lists import NAME_LENGTH
from otklik.desks.models import Desk, IssueType, Resolution, Status, Transition
from otklik.desks.queries import default_resolution
from otklik.desks.texts import name_of
from otklik.workspace.forms.request_types import TranslatedForm


class ResolutionsForm(forms.Form):
    """Chooses the resolution that each transition to a done status sets."""

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Transition.objects.filter(desk=desk, target__category=Status.Category.DONE)
        known, first = list(Resolution.objects.order_by("position", "id")), default_resolution()
        usual = _("as the site's list says (now «%(name)s»)") % {"name": name_of(first)} if first else _("none")
        for transition in rows.select_related("source", "target").order_by("position"):
            shown = [
                resolution
                for resolution in known
                if not resolution.archived or resolution.pk == transition.resolution_id
            ]
            self.fields[f"step_{transition.pk}"] = forms.ChoiceField(
                label=_step_words(transition),
                choices=[("", usual), *((str(resolution.pk), name_of(resolution)) for resolution in shown)],
                required=False,
                initial=str(transition.resolution_id or ""),
            )

    def wanted(self) -> dict[int, int | None]:
        """Return {transition id: resolution id or None} of a valid form."""
        values = self.cleaned_data.items()
        return {int(name.partition("_")[2]): int(chosen) if chosen else None for name, chosen in values}


def _step_words(transition: Transition) -> str:
    source = (
        _("from «%(status)s»") % {"status": name_of(transition.source)}
        if transition.source
        else _("from any other status")
    )
    return f"{name_of(transition)} → {name_of(transition.target)} ({source})"


class EntryForm(TranslatedForm):
    """Name of a resolution or an issue type, in the site's language and in the others."""

    translated = ("name",)

    name = forms.CharField(label=gettext_lazy("Title"), max_length=NAME_LENGTH)

    def __init__(self, entry: Resolution | IssueType | None, *args: Any, **options: Any) -> None:
        initial = {"name": entry.name if entry else ""}
        site = Desk(language=settings.LANGUAGE_CODE)
        super().__init__(site, *args, initial=initial, texts=entry.texts if entry else None, **options)
        self._shadowed = entry is not None and site.language in entry.texts

    def names(self) -> dict[str, str]:
        """Return the names in other languages of a valid form, "" for none."""
        texts = self.texts()
        names = {code: texts.get(code, {}).get("name", "") for code, _name in self.languages}
        # A translation into the language that has become the site's takes precedence over the entry's name, so it
        # changes too.
        return {**names, self.desk.language: self.cleaned_data["name"]} if self._shadowed else names

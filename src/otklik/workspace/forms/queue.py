"""What people say of a queue: its name, its filter, its columns and who sees it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.defaults import COLUMNS as USUAL
from otklik.desks.models import Desk, Queue
from otklik.tickets.jql.parse import LONGEST
from otklik.workspace.forms.icons import ICONS
from otklik.workspace.pages.rows import COLUMNS

# Value of `whose` for a queue that only its owner sees; other values are desk keys.
MINE = ""


class QueueForm(forms.Form):
    """A queue. `desks`: for a new one, the desks it may belong to; None: its owner cannot be changed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    jql = forms.CharField(label=gettext_lazy("Filter"), max_length=LONGEST, required=False, strip=True)
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), choices=list(COLUMNS.items()), widget=forms.CheckboxSelectMultiple
    )
    icon = forms.ChoiceField(label=gettext_lazy("Icon"), required=False, widget=forms.RadioSelect)
    whose = forms.ChoiceField(label=gettext_lazy("Who sees it"), required=False)

    def __init__(self, *args: Any, desks: Sequence[Desk] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["icon"].choices = [("", _("none")), *ICONS.items()]  # type: ignore[attr-defined]  # a ChoiceField
        if not desks:
            del self.fields["whose"]
        else:
            shown = [(desk.key, _("Everybody at %(desk)s") % {"desk": desk.name}) for desk in desks]
            self.fields["whose"].choices = [(MINE, _("Only me")), *shown]  # type: ignore[attr-defined]  # the same

    def values(self) -> dict[str, Any]:
        """Return the cleaned values as the commands take them, without the filter."""
        chosen = self.cleaned_data["columns"]
        return {
            "name": self.cleaned_data["name"],
            "icon": self.cleaned_data["icon"],
            "columns": [name for name in COLUMNS if name in chosen],
        }


def initial_of(queue: Queue | None, *, jql: str, whose: str = MINE, name: str = "") -> dict[str, Any]:
    """Return the initial values of the form, for a new queue if `queue` is None."""
    columns = [column for column in (queue.columns if queue else USUAL) if column in COLUMNS] or list(USUAL)
    return {
        "name": name or (queue.name if queue else ""),
        "jql": jql,
        "icon": queue.icon if queue else "",
        "columns": columns,
        "whose": whose,
    }

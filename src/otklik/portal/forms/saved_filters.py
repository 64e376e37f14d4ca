"""The form that names a saved filter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.people.models import Person
from otklik.portal.models import SavedView


class ViewForm(forms.Form):
    """Names a saved filter; the name must be unique among the person's filters."""

    name = forms.CharField(label=_("Name of the filter"), max_length=60)

    def __init__(self, *args: Any, person: Person, view: SavedView | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.others = SavedView.objects.filter(person=person).exclude(pk=view.pk if view else 0)

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if self.others.filter(name=name).exists():
            raise forms.ValidationError(_("You have a filter of this name already."))
        return name

"""The portal's words in every language of the site, side by side."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from otklik.desks.models import Center, Desk
from otklik.workspace.forms.types import TranslatedForm


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

"""The form for the look of a desk's portal: colours and logo."""

import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.images import LONGEST_SIDE, ImageTooLarge, InvalidImage, reencoded
from otklik.desks.models import Desk
from otklik.ui.colors import ENOUGH, contrast, is_color, readable

LOGO_BYTES = 512 * 1024
# Shown up to 64 CSS pixels high; the rest is for high-resolution screens.
LOGO_WIDTH, LOGO_HEIGHT = 1024, 256


class ColorField(forms.CharField):
    """A colour as #rrggbb; empty for the product's default."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "#1a5fb4", "spellcheck": "false"})
        super().__init__(required=False, max_length=7, widget=widget, **options)

    def clean(self, value: Any) -> str:
        color = str(super().clean(value)).strip().lower()
        if color and not color.startswith("#"):
            color = f"#{color}"
        if color and not is_color(color):
            raise forms.ValidationError(_("A colour looks like #1a5fb4."))
        return color


class LookForm(forms.Form):
    """Logo and colours. Colours must have WCAG's minimum contrast of 4.5 : 1."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG, GIF or WebP, at most 512 KB; it is shown up to 64 pixels high."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
    )
    no_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)
    banner_color = ColorField(
        label=gettext_lazy("Colour of the banner"),
        help_text=gettext_lazy("The text on it becomes black or white, whichever reads better."),
    )
    accent_color = ColorField(
        label=gettext_lazy("Colour of links and buttons"),
        help_text=gettext_lazy("In the dark theme it is lightened until it can be read."),
    )

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        initial = {"banner_color": desk.banner_color, "accent_color": desk.accent_color}
        super().__init__(*args, **{"initial": initial, **options})
        if not desk.logo_digest:
            del self.fields["no_logo"]

    def clean_accent_color(self) -> str:
        """Refuse a colour with too little contrast, naming its contrast and the nearest valid colour."""
        color = str(self.cleaned_data["accent_color"])
        ratio = contrast(color, "#ffffff") if color else ENOUGH
        if ratio < ENOUGH:
            message = _(
                "Contrast to white is %(found)s to 1; at least 4.5 is needed to be readable. %(near)s would do."
            )
            shown = formats.number_format(int(ratio * 10) / 10, 1)
            raise forms.ValidationError(message % {"found": shown, "near": readable(color, "#ffffff", "#f4f6f9")})
        return color

    def clean_logo(self) -> "UploadedFile[bytes] | None":
        """Return the picture re-encoded as a small PNG, or None.

        SVG can contain scripts and is refused (AB-67, AB-80).
        """
        file: UploadedFile[bytes] | None = self.cleaned_data["logo"]
        if file is None:
            return None
        if (file.size or 0) > LOGO_BYTES:
            raise forms.ValidationError(_("The picture may have 512 KB at most."))
        try:
            pixels = reencoded(io.BytesIO(file.read()), width=LOGO_WIDTH, height=LOGO_HEIGHT)
        except ImageTooLarge:
            message = _("The picture may be %(side)s pixels wide and high at most.")
            raise forms.ValidationError(message % {"side": LONGEST_SIDE}) from None
        except InvalidImage:
            raise forms.ValidationError(_("This is no PNG, JPEG, GIF or WebP picture.")) from None
        return SimpleUploadedFile("logo.png", pixels, "image/png")

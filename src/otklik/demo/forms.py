"""The form with which the demo's visitor writes a mail as a customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.mail.models import Mailbox
from otklik.portal.forms.files import FilesField


class LetterForm(forms.Form):
    """A new mail, or a reply; a reply's recipient is fixed."""

    from_name = forms.CharField(label=_("Your name"), max_length=100, required=False)
    from_address = forms.EmailField(label=_("Your address"), help_text=_("Any address: nothing leaves this machine."))
    to = forms.ChoiceField(label=_("To"))
    subject = forms.CharField(label=_("Subject"), max_length=300, required=False)
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 10}), required=False, strip=False)
    attachments = FilesField(label=_("Files"))

    def __init__(self, *args: Any, answering: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        addresses = [answering] if answering else list(Mailbox.objects.order_by("id").values_list("address", flat=True))
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(address, address) for address in addresses]

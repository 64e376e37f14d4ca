"""The form that filters the outbox."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.mail.models import OutboundMail

State = OutboundMail.State
STATES = {
    State.QUEUED.value: _("waits to be sent"),
    State.SENT.value: _("delivered to the server"),
    State.FAILED.value: _("not delivered"),
    State.STOPPED.value: _("stopped: the address takes no mail"),
    State.CANCELLED.value: _("cancelled"),
    State.KEPT.value: _("kept: no mail server is set up"),
    State.RESTORED.value: _("held: from a restored backup"),
}


class OutboxFilter(forms.Form):
    """All fields are optional."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("any")), *STATES.items()])
    text = forms.CharField(label=_("Address, subject or number"), required=False, max_length=200)

    def wanted(self) -> dict[str, Any]:
        """Return the valid values; invalid ones are dropped."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def kept(self) -> dict[str, str]:
        """Return the filter's valid URL parameters, for links to other pages of the list."""
        return {name: str(self.data[name]) for name in self.fields if self.data.get(name) and name not in self.errors}

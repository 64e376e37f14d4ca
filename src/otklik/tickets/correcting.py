"""What both faces need for changing and taking back one's own words: the box, the message, the step."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from otklik.core.errors import UnableTo
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.base import written
from otklik.tickets.commands.correct import correctable_until, edit_message, withdraw_message
from otklik.tickets.models import Message, Ticket
from otklik.tickets.refusals import refusal_words

LONGEST = 200_000


class EditForm(forms.Form):
    """Other words for a message that is there already; its files stay."""

    comment = forms.CharField(
        label=gettext_lazy("Text"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(self, data: Any, message: Message) -> None:
        super().__init__(data, initial={"comment": message.text})
        self.message = message

    def changes(self, *, actor: Actor, at: datetime) -> bool:
        """Whether the words stand there now; what is wrong or refused is said at the field. Unbound: False."""
        if not self.is_valid():
            return False
        try:
            edit_message(actor=actor, at=at, message=self.message, words=written(self.cleaned_data["comment"]))
        except UnableTo as refusal:
            self.add_error("comment", refusal_words(refusal))
            return False
        return True


def own_message(person: Person, ticket: Ticket, message_id: int, *, as_agent: bool) -> Message | None:
    """A message that was the person's to change once; whether it still may be is the command's to say."""
    message = readable_messages(person, ticket, as_agent=as_agent).filter(pk=message_id).first()
    return message if message is not None and correctable_until(person, ticket, message) is not None else None


def withdrawn(*, actor: Actor, at: datetime, message: Message) -> str:
    """Take it back; "" or why that is refused."""
    try:
        withdraw_message(actor=actor, at=at, message=message)
    except UnableTo as refusal:
        return refusal_words(refusal)
    return ""

"""Shared by portal and workspace: the form in which an author edits or withdraws a message."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from otklik.core.errors import UnableTo
from otklik.core.multiline_field import LinesField
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.edit_message import correctable_until, edit_message, withdraw_message
from otklik.tickets.content import written
from otklik.tickets.drafts import DraftPart, part_of, said_in
from otklik.tickets.models import Draft, Message, Ticket
from otklik.ui.drafts_after_login import keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words

LONGEST = 200_000


class EditForm(forms.Form):
    """Edits a message's text; its files stay. `draft`: an unfinished edit to continue."""

    comment = LinesField(
        label=gettext_lazy("Text"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    data: QueryDict

    def __init__(self, data: Any, message: Message, draft: Draft | None = None) -> None:
        super().__init__(data, initial={"comment": said_in(draft, "comment") or message.text})
        self.message, self.draft = message, draft

    def changes(self, *, actor: Actor, at: datetime) -> bool:
        """Save the text; return whether it was saved. Refusals become errors of the field. False if unbound."""
        if not self.is_valid():
            return False
        try:
            edit_message(actor=actor, at=at, message=self.message, words=written(self.cleaned_data["comment"]))
        except UnableTo as refusal:
            self.add_error("comment", refusal_words(refusal))
            return False
        if actor.person is not None:
            settle_posted(person=actor.person, at=at, place=edit_place(self.message), post=self.data)
        return True

    def part(self, person: Person, at: datetime) -> DraftPart:
        """Return the draft for the template; refused text becomes the draft."""
        place, draft = edit_place(self.message), self.draft
        if self.is_bound:
            draft = keep_posted(person=person, at=at, place=place, post=self.data)
        return part_of(person, place, draft, restored=not self.is_bound)


def edit_place(message: Message) -> Place:
    """Return the place of the draft for editing this message."""
    return Place(Draft.Kind.EDIT, message.pk, message.ticket_id)


def own_message(person: Person, ticket: Ticket, message_id: int, *, as_agent: bool) -> Message | None:
    """Return a message that the person could edit at some time; the command decides whether they still can."""
    message = readable_messages(person, ticket, as_agent=as_agent).filter(pk=message_id).first()
    return message if message is not None and correctable_until(person, ticket, message) is not None else None


def withdrawn(*, actor: Actor, at: datetime, message: Message) -> str:
    """Withdraw the message; return "" or the refusal."""
    try:
        withdraw_message(actor=actor, at=at, message=message)
    except UnableTo as refusal:
        return refusal_words(refusal)
    return ""

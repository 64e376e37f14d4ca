"""What an agent writes: a reply to the requester, or an internal note. Two forms, two addresses, never a switch."""

from collections.abc import Mapping
from functools import cache

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.day_inputs import MOMENT_FORMATS, MomentInput
from otklik.core.lines import LinesField
from otklik.tickets.answers.files import FilesPart, WithFiles, owner_of
from otklik.tickets.drafts import Begun, files_of
from otklik.tickets.models import Draft

LONGEST = 200_000
BIGINT = 2**63 - 1


class MessageForm(WithFiles):
    """The words, the files, and what the page had shown when they were written.

    `step`: a transition done with the reply; `send_at`: when it goes; `draft`, `keep`: a reply that was taken back, and
    which of its files go along.
    """

    comment = LinesField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    step = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    send_at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        input_formats=MOMENT_FORMATS,
        widget=MomentInput(),
    )
    unless_answered = forms.BooleanField(
        label=_("Not if the customer writes first"), required=False, initial=True, widget=forms.CheckboxInput
    )
    draft = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    keep = forms.TypedMultipleChoiceField(required=False, coerce=int, choices=[(n, n) for n in range(20)])

    @property
    def untouched(self) -> bool:
        """Whether nobody has written anything into it."""
        return not (self.is_bound or self.initial or self.kept_files())

    def told(self) -> tuple[str, FilesPart]:
        """All that a page shows of one that is untouched (ui.memo). Raises TypeError for others."""
        if not self.untouched:
            raise TypeError("What somebody has written is drawn for them alone.")
        return str(self.auto_id), self.part()

    def quoting(self, words: str, owner: str) -> "MessageForm":
        """Another such form, begun with these words instead."""
        kept = self.kept_files().get("attachments", [])
        return MessageForm(auto_id=self.auto_id, initial={**self.initial, "comment": words}, owner=owner, kept=kept)


@cache
def _untouched(kind: str) -> MessageForm:
    """The form that nobody has written into: one for all, as making its fields takes a twentieth of a ticket's page."""
    return MessageForm(auto_id=f"{kind}_%s", owner="")


def begun_form(
    begun: Begun, kind: str, *, goes_on: bool = True, otherwise: Mapping[str, object] | None = None
) -> MessageForm:
    """The form with what was begun in it, if it `goes_on`; else with `otherwise`. `kind`: "reply" or "note". It is
    for showing: nothing may be written into it."""
    draft = begun.row(kind) if goes_on else None
    has_words = draft is not None and bool(draft.words or draft.files)
    initial = _initial(begun, kind) if has_words else dict(otherwise or {})
    files = files_of(draft).get("attachments", []) if has_words else []
    if not (initial or files):
        return _untouched(kind)
    return MessageForm(auto_id=f"{kind}_%s", initial=initial, owner=owner_of(begun.person), kept=files)


def only_note(begun: Begun) -> bool:
    """Whether the note alone was begun."""
    return bool(begun.said(Draft.Kind.NOTE, "comment")) and not begun.said(Draft.Kind.REPLY, "comment")


def _initial(begun: Begun, kind: str) -> dict[str, object]:
    texts = {name: begun.said(kind, name) for name in ("comment", "step", "send_at")}
    return {**texts, "unless_answered": bool(begun.said(kind, "unless_answered"))}


class SendAtForm(forms.Form):
    """Another time for a reply that waits."""

    send_at = forms.DateTimeField(label=_("Send at"), input_formats=MOMENT_FORMATS, widget=MomentInput())

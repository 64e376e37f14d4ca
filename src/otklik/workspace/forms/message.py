"""Forms for a public reply and an internal note.

Two forms with two URLs rather than one with a switch, so that nobody sends a note to a customer by mistake.
"""

from collections.abc import Iterable, Mapping
from email.utils import getaddresses
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.core.date_inputs import MOMENT_FORMATS, MomentInput
from otklik.core.ids import typed_id
from otklik.core.multiline_field import LinesField
from otklik.desks.models import ReplyChoice
from otklik.desks.queries import own_addresses
from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address
from otklik.tickets.answers.files import FilesPart, WithFiles, owner_of
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import Begun, files_of, said_all
from otklik.tickets.models import Draft
from otklik.workspace.canned_answers import left_in
from otklik.workspace.reply_warnings import Warnings

LONGEST = 200_000
MOST_ADDED = 10
BIGINT = 2**63 - 1


class IdsField(forms.TypedMultipleChoiceField):
    """Ids, whatever they belong to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=typed_id, **options)

    def valid_value(self, value: Any) -> bool:
        return typed_id(str(value)) > 0


class AddressesField(forms.CharField):
    """Mail addresses, with names or without, between commas or semicolons; they become distinct canonical ones."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value).replace(";", ",").replace("\n", ",")
        found = [address or name for name, address in getaddresses([text], strict=False) if address or name]
        if len(found) > MOST_ADDED:
            raise forms.ValidationError(gettext("At most %(most)d addresses can be added.") % {"most": MOST_ADDED})
        return list(dict.fromkeys(_address(each) for each in found))


def _address(text: str) -> str:
    try:
        address = typed_address(text)
    except BadAddress as error:
        raise forms.ValidationError(gettext("“%(text)s” is no mail address.") % {"text": text[:120]}) from error
    if address in own_addresses():
        raise forms.ValidationError(gettext("%(address)s is the address of a desk.") % {"address": address})
    return address


class MessageForm(WithFiles):
    """Text, files, and the state of the ticket that the page had shown (`version`, `seen`).

    `step`: id of a transition to make with the reply; `send_at`: when to send it, empty for now; `draft`, `keep`: id of
    a reply that was taken back, and the indexes of those of its files to send again; `after`: the page that follows,
    empty for the ticket's; `left_out`, `added`: tickets.content.Recipients. `as_is`: send what looks like a
    placeholder as it stands.
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
    left_out = IdsField(required=False)
    added = AddressesField(label=_("Add in copy"), required=False, max_length=2_000)
    after = forms.ChoiceField(required=False, choices=ReplyChoice.After.choices)
    unless_answered = forms.BooleanField(
        label=_("Not if the customer writes first"), required=False, initial=True, widget=forms.CheckboxInput
    )
    draft = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    keep = forms.TypedMultipleChoiceField(required=False, coerce=int, choices=[(n, n) for n in range(20)])
    as_is = forms.BooleanField(required=False)
    sure = forms.CharField(required=False, max_length=64)
    # Placeholders for which the text was refused, as written, and what each stands for.
    unfilled: Mapping[str, str] = {}
    # Warnings for which the text was refused; posting their mark as `sure` sends it.
    warnings = Warnings()

    def warn(self, warnings: Warnings) -> None:
        """Refuse the text with these warnings, unless there are none or the form says that they are known."""
        if warnings.sentences and self.cleaned_data["sure"] != warnings.mark:
            self.warnings = warnings
            for sentence in (*warnings.sentences, gettext("If that is meant, send it again.")):
                self.add_error("comment", sentence)

    def clean(self) -> dict[str, Any]:
        """Refuses a text in which a canned answer's placeholder has no value yet, unless `as_is` says that it is meant
        so."""
        cleaned = super().clean() or self.cleaned_data
        left = left_in(str(cleaned.get("comment") or ""))
        if left and not cleaned.get("as_is"):
            self.unfilled = left
            named = ", ".join(f"{written} ({about})" if about else written for written, about in left.items())
            self.add_error("comment", gettext("Not filled in yet: %(places)s.") % {"places": named})
        return cleaned

    @property
    def untouched(self) -> bool:
        """Whether the form is empty: neither posted nor filled from a draft."""
        return not (self.is_bound or self.initial or self.kept_files())

    def told(self) -> tuple[str, FilesPart]:
        """Return the cache key of an untouched form (ui.template_fragment_cache). Raises TypeError for others."""
        if not self.untouched:
            raise TypeError("What somebody has written is drawn for them alone.")
        return str(self.auto_id), self.part()

    def quoting(self, text: str, owner: str, more: Iterable[NewFile] = ()) -> "MessageForm":
        """Return a copy of the form that starts with this text and keeps its stored files, with those of `more`."""
        files = list(dict.fromkeys([*self.kept_files().get("attachments", []), *more]))
        return MessageForm(auto_id=self.auto_id, initial={**self.initial, "comment": text}, owner=owner, kept=files)


@cache
def _untouched(kind: str) -> MessageForm:
    """Return the empty form, cached, as building its fields takes a twentieth of the time of a ticket's page."""
    return MessageForm(auto_id=f"{kind}_%s", owner="")


def begun_form(
    begun: Begun, kind: str, *, goes_on: bool = True, otherwise: Mapping[str, object] | None = None
) -> MessageForm:
    """Return the form with the reader's draft, for display only: the result may be shared, so it must not be changed.

    `kind`: "reply" or "note". Without a draft, or unless `goes_on`, it begins with the values in `otherwise`.
    """
    draft = begun.row(kind) if goes_on else None
    has_words = draft is not None and bool(draft.words or draft.files)
    initial = _initial(begun, kind) if has_words else dict(otherwise or {})
    files = files_of(draft).get("attachments", []) if has_words else []
    if not (initial or files):
        return _untouched(kind)
    return MessageForm(auto_id=f"{kind}_%s", initial=initial, owner=owner_of(begun.person), kept=files)


def only_note(begun: Begun) -> bool:
    """Return whether there is a draft of a note but none of a reply."""
    return bool(begun.said(Draft.Kind.NOTE, "comment")) and not begun.said(Draft.Kind.REPLY, "comment")


def _initial(begun: Begun, kind: str) -> dict[str, object]:
    texts: dict[str, object] = {name: begun.said(kind, name) for name in ("comment", "step", "send_at", "added")}
    texts |= {"left_out": said_all(begun.row(kind), "left_out")}
    return {**texts, "unless_answered": bool(begun.said(kind, "unless_answered"))}


class SendAtForm(forms.Form):
    """Changes the time at which a scheduled reply is sent."""

    send_at = forms.DateTimeField(label=_("Send at"), input_formats=MOMENT_FORMATS, widget=MomentInput())

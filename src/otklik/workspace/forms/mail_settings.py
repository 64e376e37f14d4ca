"""Settings forms for a desk's mail: delivery and texts."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from otklik.core.ids import typed_id
from otklik.desks.access import agents_of
from otklik.desks.models import Channel, Desk
from otklik.desks.texts import name_of
from otklik.notify.texts.grammar import Mistake
from otklik.notify.texts.mail_kinds import KINDS, LANGUAGES, MailKind, Text
from otklik.notify.texts.overrides import is_sent
from otklik.notify.texts.placeholders import SENDER, PlaceKind
from otklik.notify.texts.render import mistakes_in

TOLD = {
    "": pgettext_lazy("who gets a mail", "nobody"),
    "leads": gettext_lazy("those who lead the desk"),
    "everybody": gettext_lazy("everybody who works at the desk"),
    "named": gettext_lazy("the people ticked below"),
}
LONGEST_BODY = 20_000
LONGEST_HOLD = 600


class MailSettingsForm(forms.Form):
    """Request type per address, hold time, sender, recipients among the staff, and which kinds of mail are sent."""

    hold_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds in which a reply can be taken back"),
        required=False,
        min_value=0,
        max_value=LONGEST_HOLD,
        help_text=gettext_lazy("Until then nobody outside sees it. 0: it goes at once. Empty: as the site says."),
    )
    mail_name = forms.CharField(
        label=gettext_lazy("Sender's name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("For instance {agent.name} ({desk.name}). Empty: the desk's name."),
    )
    mail_from = forms.ChoiceField(
        label=gettext_lazy("Sender's address"),
        required=False,
        help_text=gettext_lazy("One of the desk's own addresses, so that answers come back."),
    )
    staff_told = forms.ChoiceField(
        label=gettext_lazy("Who gets a mail about new requests, and about answers as long as nobody has the request"),
        choices=list(TOLD.items()),
        required=False,
    )
    told_people = forms.MultipleChoiceField(
        label=gettext_lazy("People"), required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Mails that are sent"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, desk: Desk, data: Any = None) -> None:
        start = {
            "hold_seconds": desk.hold_seconds,
            "mail_name": desk.mail_name,
            "mail_from": desk.mail_from,
            "staff_told": desk.staff_told,
            "told_people": [str(pk) for pk in desk.told_people.values_list("pk", flat=True)],
            "kinds": [kind.name for kind in KINDS if kind.optional and is_sent(desk, kind)],
        }
        super().__init__(data, initial=start)
        rows = Channel.objects.filter(desk=desk).order_by("-main", "id").select_related("mailbox")
        self.channels = list(rows)
        addresses = [channel.mailbox.address for channel in self.channels]
        self._add_types(desk)
        main = _("the main one: %(address)s") % {"address": addresses[0] if addresses else "—"}
        self._field("mail_from").choices = [("", main), *((address, address) for address in addresses[1:])]
        self._field("told_people").choices = [(str(person.pk), person.display_name) for person in agents_of(desk)]
        self._field("kinds").choices = [(kind.name, kind.title) for kind in KINDS if kind.optional]
        hint = _("Empty: as the site says, %(n)d.") % {"n": settings.HOLD_SECONDS}
        self.fields["hold_seconds"].widget.attrs["placeholder"] = hint

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _add_types(self, desk: Desk) -> None:
        """Add a field for each of the desk's addresses, before the others."""
        used = {channel.request_type_id for channel in self.channels}
        types = [kind for kind in desk.request_types.order_by("position", "id") if not kind.archived or kind.pk in used]
        choices = [("", _("no type")), *((str(kind.pk), name_of(kind)) for kind in types)]
        for channel in self.channels:
            self.fields[f"type_{channel.pk}"] = forms.ChoiceField(
                label=_("Request type of new mail to %(address)s") % {"address": channel.mailbox.address},
                choices=choices,
                required=False,
                initial=str(channel.request_type_id or ""),
                help_text=_("Nobody who writes a mail chooses a type; agents change it on the request."),
            )
        self.order_fields([name for name in self.fields if name.startswith("type_")])

    def types(self) -> dict[int, int | None]:
        """Return {channel id: request type id or None} of a valid form. Addresses omitted by a script are left out."""
        return {
            channel.pk: typed_id(self.cleaned_data[f"type_{channel.pk}"]) or None
            for channel in self.channels
            if f"type_{channel.pk}" in self.data
        }

    def clean(self) -> dict[str, Any]:
        """Require people if the mail goes to people by name."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("staff_told") == Desk.Told.NAMED and "told_people" in cleaned and not cleaned["told_people"]:
            self.add_error("told_people", _("Tick somebody, or choose another entry above."))
        return cleaned

    def clean_mail_name(self) -> str:
        """Refuse a pattern with mistakes."""
        pattern = str(self.cleaned_data["mail_name"]).strip()
        if mistakes := mistakes_in(pattern, SENDER, subject=True):
            raise forms.ValidationError([mistake.words for mistake in mistakes])
        return pattern

    def values(self) -> dict[str, Any]:
        """Return the cleaned values for the command; `mail_switches` only where they differ from the default."""
        cleaned = self.cleaned_data
        wanted = {kind.name: kind.name in cleaned["kinds"] for kind in KINDS if kind.optional}
        usual = {kind.name: not kind.off for kind in KINDS}
        recipients: dict[str, Any] = {}
        if "staff_told" in self.data:  # scripts may omit it
            recipients = {
                "staff_told": cleaned["staff_told"],
                "told_people": sorted(int(pk) for pk in cleaned["told_people"]),
            }
        return {
            **recipients,
            "hold_seconds": cleaned["hold_seconds"],
            "mail_name": cleaned["mail_name"],
            "mail_from": cleaned["mail_from"],
            "mail_switches": {name: on for name, on in wanted.items() if on != usual[name]},
        }


class MailTextForm(forms.Form):
    """Subject and body of one kind of mail in one language. `answers`: placeholders of the desk's form fields."""

    language = forms.ChoiceField(choices=[(name, name) for name in LANGUAGES], widget=forms.HiddenInput)
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=300, widget=forms.TextInput(attrs={"spellcheck": "true"})
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("Markdown: # heading, **bold**, - list, [link](https://…)."),
    )

    def __init__(self, kind: MailKind, answers: Iterable[PlaceKind], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("subject", "body"):  # so that a screen reader pronounces it
            self.fields[name].widget.attrs["lang"] = str(self["language"].value() or "")
        self.kind = kind
        self.places = (*kind.places, *(place.name for place in answers))

    def clean_subject(self) -> str:
        """Return the subject in one line. Refuses mistakes in placeholders."""
        subject = " ".join(str(self.cleaned_data["subject"]).split())
        _refuse(mistakes_in(subject, self.places, subject=True))
        return subject

    def clean_body(self) -> str:
        """Return the body with LF line ends. Refuses mistakes, with their lines."""
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip("\n") + "\n"
        _refuse(mistakes_in(body, self.places, self.kind.needs), numbered=True)
        return body

    def text(self) -> Text:
        """Return the posted subject and body. The form must be valid."""
        return Text(self.cleaned_data["subject"], self.cleaned_data["body"])


def _refuse(mistakes: list[Mistake], *, numbered: bool = False) -> None:
    if mistakes:
        line = _("Line %(line)d: %(words)s")
        messages = [
            line % {"line": mistake.line, "words": mistake.words} if numbered else mistake.words for mistake in mistakes
        ]
        raise forms.ValidationError(messages)

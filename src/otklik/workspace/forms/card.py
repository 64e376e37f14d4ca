"""The settings tab about corrections, ratings and approvals."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import ApprovalRule, Desk, RequestType, Transition
from otklik.desks.texts import name_of
from otklik.people.addresses import BadAddress, canonical

MOST_APPROVERS = 10
RULES = {
    "": gettext_lazy("no approval"),
    "one": gettext_lazy("one of them is enough"),
    "all": gettext_lazy("all of them must agree"),
}


class CardForm(forms.Form):
    """Three numbers, a switch, two sets of transitions, and for each request type whom to ask."""

    edit_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes in which one may change or withdraw an own message"),
        min_value=0,
        max_value=1440,
        help_text=gettext_lazy(
            "0: never. What stood there before stays visible; mails that went out stay as they are."
        ),
    )
    rating_days = forms.IntegerField(
        label=gettext_lazy("Days after closing in which the requester may rate the help"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("0: nobody is asked for a rating."),
    )
    approval_reminder_days = forms.IntegerField(
        label=gettext_lazy("Days after which who is asked for an approval is reminded"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("Once, by mail. 0: never."),
    )
    approval_links = forms.BooleanField(
        label=gettext_lazy("Approvals can be answered by the link of the mail, without login"),
        required=False,
        help_text=gettext_lazy("Whoever has the mail can answer then. The journal says that it was done by mail."),
    )
    on_approved = forms.MultipleChoiceField(
        label=gettext_lazy("What happens when a request is approved"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    on_declined = forms.MultipleChoiceField(
        label=gettext_lazy("What happens when it is declined"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, desk: Desk, *args: Any, **words: Any) -> None:
        self.types = list(desk.request_types.filter(archived=False).prefetch_related("approvers").order_by("position"))
        rows = list(Transition.objects.filter(desk=desk).select_related("source", "target").order_by("position"))
        words.setdefault("initial", _initial(desk, self.types, rows))
        super().__init__(*args, **words)
        choices = [(str(row.pk), f"{row.name} ({_way(row)})") for row in rows]
        for name in ("on_approved", "on_declined"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for kind in self.types:
            self._add_type(kind)

    def _add_type(self, kind: RequestType) -> None:
        label = _("«%(name)s» needs an approval") % {"name": kind.name}
        self.fields[f"rule_{kind.pk}"] = forms.ChoiceField(label=label, choices=list(RULES.items()), required=False)
        self.fields[f"people_{kind.pk}"] = forms.CharField(
            label=_("Who approves «%(name)s»: mail addresses, separated by commas") % {"name": kind.name},
            required=False,
            max_length=4_000,
        )

    def clean(self) -> dict[str, Any]:
        """Addresses that are none, too many, or a rule without anybody are told at the field."""
        words = super().clean() or {}
        for kind in self.types:
            name = f"people_{kind.pk}"
            given = [one for one in re.split(r"[\s,;]+", str(words.get(name) or "")) if one]
            try:
                addresses = list(dict.fromkeys(canonical(one) for one in given))
            except BadAddress:
                self.add_error(name, _("One of these is not a mail address."))
                continue
            if len(addresses) > MOST_APPROVERS:
                self.add_error(name, _("At most %(count)d people can be asked at once.") % {"count": MOST_APPROVERS})
            if words.get(f"rule_{kind.pk}") and not addresses:
                self.add_error(name, _("Say whose approval is needed."))
            words[name] = addresses
        return words

    def rules(self) -> dict[int, tuple[str, list[str]]]:
        """Request type id -> rule and addresses, cleaned."""
        words = self.cleaned_data
        return {kind.pk: (words[f"rule_{kind.pk}"], words[f"people_{kind.pk}"]) for kind in self.types}


def _way(row: Transition) -> str:
    return f"{name_of(row.source) if row.source else '…'} → {name_of(row.target)}"


def _initial(desk: Desk, types: list[RequestType], rows: list[Transition]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "edit_minutes": desk.edit_minutes,
        "rating_days": desk.rating_days,
        "approval_reminder_days": desk.approval_reminder_days,
        "approval_links": desk.approval_links,
        "on_approved": [str(row.pk) for row in rows if row.on_approved],
        "on_declined": [str(row.pk) for row in rows if row.on_declined],
    }
    for kind in types:
        made[f"rule_{kind.pk}"] = kind.approval_rule if kind.approval_rule in ApprovalRule.values else ""
        made[f"people_{kind.pk}"] = ", ".join(person.email or "" for person in kind.approvers.all())
    return made

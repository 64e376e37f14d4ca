"""Settings forms for corrections, ratings and approvals on the ticket card; approvers of a request type."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import ApprovalRule, Desk, RequestType, Transition
from otklik.desks.texts import name_of
from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address

MOST_APPROVERS = 10
RULES = {
    "": gettext_lazy("no approval"),
    "one": gettext_lazy("one of them is enough"),
    "all": gettext_lazy("all of them must agree"),
}
ANSWERS = ("approved", "declined")


class CardForm(forms.Form):
    """The numbers, the switch, and for each status the transition that an approval or a refusal triggers."""

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

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        rows = list(Transition.objects.filter(desk=desk).select_related("source", "target").order_by("position"))
        options.setdefault("initial", _initial(desk))
        super().__init__(*args, **options)
        self.sources: dict[int, list[Transition]] = {}
        for transition in rows:
            self.sources.setdefault(transition.source_id or 0, []).append(transition)
        self.statuses = [status for status in desk.statuses.order_by("position", "id") if status.pk in self.sources]
        for answer in ANSWERS:
            for status in self.statuses:
                self._add_step(answer, status.pk, _("from «%(status)s»") % {"status": name_of(status)})
            if 0 in self.sources:
                self._add_step(answer, 0, _("from any other status"))

    def steps(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return for each answer a heading and its fields, one per status."""
        headings = {
            "approved": _("What happens when a request is approved"),
            "declined": _("What happens when it is declined"),
        }
        return [
            (headings[step], [self[name] for name in self.fields if name.startswith(f"{step}_")]) for step in ANSWERS
        ]

    def plain(self) -> list[forms.BoundField]:
        """Return the fields other than those of `steps`."""
        return [self[name] for name in self.fields if not name.startswith(("approved_", "declined_"))]

    def chosen(self, answer: str) -> set[int]:
        """Return ids of the transitions that this answer triggers. Call on a valid form."""
        choices = [value for name, value in self.cleaned_data.items() if name.startswith(f"{answer}_")]
        return {int(choice) for choice in choices if choice}

    def _add_step(self, answer: str, source: int, label: str) -> None:
        rows = self.sources[source]
        marked = next((str(move.pk) for move in rows if getattr(move, f"on_{answer}")), "")
        self.fields[f"{answer}_{source}"] = forms.ChoiceField(
            label=label,
            choices=[
                ("", _("nothing")),
                *((str(move.pk), f"{name_of(move)} → {name_of(move.target)}") for move in rows),
            ],
            required=False,
            initial=marked,
        )


def approver_addresses(typed: str) -> list[str]:
    """Split a typed list into distinct addresses. Raises ValidationError for an invalid one or too many."""
    parts = [address for address in re.split(r"[\s,;]+", typed) if address]
    try:
        addresses = list(dict.fromkeys(typed_address(address) for address in parts))
    except BadAddress:
        raise forms.ValidationError(_("One of these is not a mail address.")) from None
    if len(addresses) > MOST_APPROVERS:
        raise forms.ValidationError(_("At most %(count)d people can be asked at once.") % {"count": MOST_APPROVERS})
    return addresses


def approval_of(kind: RequestType | None) -> dict[str, Any]:
    """Return initial values of the approval fields for this request type; None for a new one."""
    if kind is None:
        return {"approval_rule": "", "approvers": ""}
    rule = kind.approval_rule if kind.approval_rule in ApprovalRule.values else ""
    return {
        "approval_rule": rule,
        "approvers": ", ".join(person.email or "" for person in kind.approvers.order_by("id")),
    }


def _initial(desk: Desk) -> dict[str, Any]:
    return {
        "edit_minutes": desk.edit_minutes,
        "rating_days": desk.rating_days,
        "approval_reminder_days": desk.approval_reminder_days,
        "approval_links": desk.approval_links,
    }

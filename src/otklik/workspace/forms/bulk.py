"""Forms of bulk acts, with the choices that the selected tickets' desks have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.desk_snapshot import DeskParts
from otklik.desks.models import RequestType
from otklik.desks.texts import name_of
from otklik.intake.bulk_acts import Spam
from otklik.people.addresses import BadAddress
from otklik.people.models import Person
from otklik.people.queries import typed_address
from otklik.tickets.bulk.acts import Act, Assign, Label, Prioritize, Retype, Step
from otklik.tickets.bulk.move import Move
from otklik.tickets.bulk.reply_and_share import Reply, Share
from otklik.tickets.models import LABEL_LENGTH
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.message import LONGEST
from otklik.workspace.forms.panel import LabelsForm

ACT_NAMES = {
    Assign.kind: gettext_lazy("Assign"),
    Step.kind: gettext_lazy("Change the status"),
    Prioritize.kind: gettext_lazy("Change the priority"),
    Retype.kind: gettext_lazy("Change the type"),
    Label.kind: gettext_lazy("Change the labels"),
    Reply.kind: gettext_lazy("Reply to all"),
    Share.kind: gettext_lazy("Add a participant"),
    Move.kind: gettext_lazy("Move to another desk"),
    Spam.kind: gettext_lazy("Mark as spam"),
}
ACT_ICONS = {
    Assign.kind: "user-check",
    Step.kind: "circle-dot",
    Prioritize.kind: "flag",
    Retype.kind: "forms",
    Label.kind: "tag",
    Reply.kind: "message",
    Share.kind: "user-plus",
    Move.kind: "arrow-right",
    Spam.kind: "mail-x",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices of the selected tickets' desks: `parts` (configuration), `people` who work there, `types` (request
    types).

    `worked`: the configuration of all desks where the person works.
    """

    person: Person
    parts: Sequence[DeskParts]
    people: Sequence[Person]
    types: QuerySet[RequestType]
    worked: Sequence[DeskParts] = ()


@dataclass(slots=True)
class Group:
    """Rows of several desks with the same name; choosing the name means all of them."""

    name: str
    ids: list[int] = field(default_factory=list)


def groups(named: Iterable[tuple[str, int]]) -> dict[str, Group]:
    """Group (name, id) pairs by name; the keys are the first id of each, as the form sends it."""
    by_name: dict[str, Group] = {}
    for name, pk in named:
        by_name.setdefault(name, Group(name)).ids.append(pk)
    return {str(group.ids[0]): group for group in by_name.values()}


class ActForm(forms.Form):
    """Base of the forms for bulk actions."""

    def __init__(self, offered: Offered, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.offered = offered

    def act(self) -> Act:
        """Return the action that the form asks for. Call only on a valid form."""
        raise NotImplementedError("each form has its own act")


class AssignForm(ActForm):
    """Chooses the assignee for all tickets."""

    value = forms.ChoiceField(label=gettext_lazy("Assignee"))

    def __init__(self, offered: Offered, data: Mapping[str, str] | None = None) -> None:
        super().__init__(offered, data)
        others = [person for person in offered.people if person.pk != offered.person.pk]
        self.fields["value"].choices = [  # type: ignore[attr-defined]
            (str(offered.person.pk), _("Me (%(name)s)") % {"name": offered.person.display_name}),
            ("nobody", _("Nobody")),
            *((str(person.pk), person.staff_name) for person in others),
        ]

    def act(self) -> Act:
        chosen = self.cleaned_data["value"]
        return Assign(None if chosen == "nobody" else int(chosen))


class _GroupForm(ActForm):
    """Chooses one of several names, each standing for rows of several desks."""

    value = forms.ChoiceField()

    def __init__(self, offered: Offered, data: Mapping[str, str] | None = None) -> None:
        super().__init__(offered, data)
        self.groups = self._groups()
        choices = [(key, group.name) for key, group in self.groups.items()]
        self.fields["value"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]

    def _groups(self) -> dict[str, Group]:
        raise NotImplementedError("each form groups by its own field")

    @property
    def chosen(self) -> Group:
        """The group of the chosen name."""
        return self.groups[self.cleaned_data["value"]]


class StepForm(_GroupForm):
    """Chooses the transition for all tickets."""

    value = forms.ChoiceField(label=gettext_lazy("Step"))

    def _groups(self) -> dict[str, Group]:
        named: list[tuple[str, int]] = []
        for parts in self.offered.parts:
            statuses = {status.id: status.label for status in parts.statuses}
            steps = [step for step in parts.transitions if step.for_agents]
            named += [(f"{step.label} → {statuses[step.target]}", step.id) for step in steps]
        return groups(named)

    def act(self) -> Act:
        return Step(self.chosen.ids, self.chosen.name.partition(" → ")[0])


class PriorityForm(_GroupForm):
    """Chooses the priority for all tickets."""

    value = forms.ChoiceField(label=gettext_lazy("Priority"))

    def _groups(self) -> dict[str, Group]:
        return groups((priority.label, priority.id) for parts in self.offered.parts for priority in parts.priorities)

    def act(self) -> Act:
        return Prioritize(self.chosen.ids, self.chosen.name)


class TypeForm(_GroupForm):
    """Chooses the request type for all tickets."""

    value = forms.ChoiceField(label=gettext_lazy("Request type"))

    def _groups(self) -> dict[str, Group]:
        return groups((name_of(kind), kind.pk) for kind in self.offered.types)

    def act(self) -> Act:
        return Retype(self.chosen.ids, self.chosen.name)


class LabelForm(ActForm):
    """Chooses labels to add to all tickets and to remove from them."""

    add = forms.CharField(label=gettext_lazy("Add labels"), required=False, max_length=2000)
    remove = forms.CharField(label=gettext_lazy("Take labels away"), required=False, max_length=2000)

    def clean_add(self) -> list[str]:
        return _labels(self.cleaned_data["add"])

    def clean_remove(self) -> list[str]:
        return _labels(self.cleaned_data["remove"])

    def clean(self) -> None:
        if not self.errors and not self.cleaned_data["add"] and not self.cleaned_data["remove"]:
            raise forms.ValidationError(_("Write a label that they get or lose."))

    def act(self) -> Act:
        return Label(self.cleaned_data["add"], self.cleaned_data["remove"])


class ReplyForm(ActForm):
    """The reply to send to the requesters of all tickets, in a separate mail each."""

    text = forms.CharField(label=gettext_lazy("Reply"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}))

    def act(self) -> Act:
        return Reply(self.cleaned_data["text"])


class ShareForm(ActForm):
    """The person to add as participant; `history`: whether they may read earlier messages."""

    address = forms.CharField(label=gettext_lazy("Mail address"), max_length=320, widget=forms.EmailInput)
    history = forms.BooleanField(label=gettext_lazy("Show the whole history"), required=False)

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"])
        try:
            return typed_address(typed)
        except BadAddress as refusal:
            raise forms.ValidationError(refusal_words(refusal, typed)) from refusal

    def act(self) -> Act:
        return Share(self.cleaned_data["address"], self.cleaned_data["history"])


class MoveForm(ActForm):
    """The desk to move to, and the request type for tickets whose type has no namesake there."""

    desk = forms.ChoiceField(label=gettext_lazy("Desk"))
    request_type = forms.ChoiceField(
        label=gettext_lazy("Type of those whose own the desk does not have"), required=False
    )

    def __init__(self, offered: Offered, data: Mapping[str, str] | None = None) -> None:
        super().__init__(offered, data)
        here = {parts.id for parts in offered.parts}
        # Tickets of several desks may be moved to one of these desks.
        desks = [parts for parts in offered.worked if len(here) > 1 or parts.id not in here]
        self.fields["desk"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")), *((str(parts.id), f"{parts.name} ({parts.key})") for parts in desks),
        ]  # fmt: skip
        self.fields["request_type"].choices = [  # type: ignore[attr-defined]
            ("", _("No type")), *((parts.name, [(str(kind.id), kind.name) for kind in parts.types]) for parts in desks),
        ]  # fmt: skip

    def clean(self) -> None:
        desk, kind = self.cleaned_data.get("desk"), self.cleaned_data.get("request_type")
        types = {str(kind.id) for parts in self.offered.worked if str(parts.id) == desk for kind in parts.types}
        if desk and kind and kind not in types:
            self.add_error("request_type", _("Choose one of the types of this desk."))

    def act(self) -> Act:
        kind = self.cleaned_data["request_type"]
        return Move(int(self.cleaned_data["desk"]), int(kind) if kind else None)


class SpamForm(ActForm):
    """Has no fields: marks all tickets as spam."""

    def act(self) -> Act:
        return Spam()


def _labels(typed: str) -> list[str]:
    form = LabelsForm({"labels": typed})
    labels: list[str] = form.cleaned_data["labels"] if form.is_valid() else []
    if any(len(label) > LABEL_LENGTH for label in labels):
        raise forms.ValidationError(_("A label has at most %(most)s characters.") % {"most": LABEL_LENGTH})
    return labels


FORMS: Mapping[str, type[ActForm]] = {
    Assign.kind: AssignForm,
    Step.kind: StepForm,
    Prioritize.kind: PriorityForm,
    Retype.kind: TypeForm,
    Label.kind: LabelForm,
    Reply.kind: ReplyForm,
    Share.kind: ShareForm,
    Move.kind: MoveForm,
    Spam.kind: SpamForm,
}

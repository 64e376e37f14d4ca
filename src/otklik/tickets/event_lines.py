"""Timeline lines for events of a ticket: icon and wording, for staff and for customers.

Every kind of event that a ticket can have stands in `LINES`, also those that nobody is told of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from otklik.journal.events import TypedEvent
from otklik.journal.models import Event
from otklik.mail.events import BudgetExceeded, MailStopped, MailUndelivered
from otklik.mail.reasons import in_words
from otklik.people.models import known_as
from otklik.tickets import events as on
from otklik.tickets.admission_events import MessageHeldAgain
from otklik.tickets.forward_events import ForwardAnswered, ForwardTakenBack, TicketForwarded
from otklik.tickets.link_words import link_words
from otklik.tickets.models import Vote
from otklik.tickets.move_events import ApprovalRestored, TicketMoved
from otklik.tickets.stored_refusals import translated

Staff = Callable[[Any, Event], tuple[str, str] | None]
Customers = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Line:
    """How events of a kind appear in timelines.

    `staff` returns label and text, `customers` text; None: not shown to them. `to_customers`: customers see the new
    status if the event changed it.
    """

    icon: str | Callable[[Any], str] = ""
    staff: Staff | None = None
    customers: Customers | None = None
    to_customers: bool = False

    def icon_of(self, told: TypedEvent) -> str:
        """Return the icon for this event."""
        return self.icon if isinstance(self.icon, str) else self.icon(told)


def actor_name(event: Event) -> str:
    """Return the actor's name as `Person.staff_name` does; the system's in the active language."""
    name, _sign, address = event.actor.partition(" <")
    return _("Otklik") if name == "Otklik" else known_as(name, address.rstrip(">"))


def line_of(told: TypedEvent) -> Line:
    """Return how this event is shown; an empty Line for unknown kinds."""
    return LINES.get(type(told), Line())


def kinds_for_customers() -> list[str]:
    """Return the kinds of events that customers may see."""
    return [told.kind for told, line in LINES.items() if line.customers is not None or line.to_customers]


def status_after(told: TypedEvent) -> str:
    """Return the name of the status that the event moved its ticket to, "" if it did not."""
    match told:
        case on.TicketCommented() | on.MessageAdmitted() | on.ApprovalAnswered():
            return told.moved
        case on.StatusChanged() | on.ChangeTakenBack(field="status"):
            return told.after
    return ""


def _opened(told: on.TicketOpened, event: Event) -> tuple[str, str] | None:
    return (_("Registered by"), actor_name(event)) if event.via == "agent" else None


def _commented(told: on.TicketCommented, event: Event) -> tuple[str, str] | None:
    return (_("Status"), f"{_to(told.before, told.moved)}{_assigned(told.assigned)}") if told.moved else None


def _assignee(told: on.TicketAssigned, event: Event) -> tuple[str, str]:
    now = told.assignee or _("nobody")
    return _("Assignee"), f"{told.former} → {now}" if told.former else now


def _field(told: on.FieldChanged, event: Event) -> tuple[str, str]:
    return _label_of(told.field), f"{told.before or '—'} → {told.after or '—'}"


def _label_of(field: str) -> str:
    labels = {
        "priority": _("Priority"),
        "subject": _("Subject"),
        "resolution": _("Resolution"),
        "due": _("Due date"),
        "labels": _("Labels"),
        "request_type": _("Request type"),
        "status": _("Status"),
        "assignee": _("Assignee"),
    }
    return labels.get(field, field)


def _taken_back(told: on.ChangeTakenBack, event: Event) -> tuple[str, str]:
    nobody = _("nobody")
    assignee = f"{told.former or nobody} → {told.assignee or nobody}"
    step = assignee if told.field == "assignee" else f"{told.before or '—'} → {told.after or '—'}"
    return _label_of(told.field), _("%(step)s (taken back)") % {"step": step}


def _requester(told: on.RequesterChanged, event: Event) -> tuple[str, str]:
    change = f"{told.before or '—'} → {told.after}"
    removed = "; " + _("%(name)s taken off") % {"name": told.before} if told.removed else ""
    return _("Requester"), change + removed


def _answers(told: on.AnswersChanged, event: Event) -> tuple[str, str]:
    changes = (f"{changed.label}: {changed.before or '—'} → {changed.after or '—'}" for changed in told.changes)
    return _("Form fields"), "; ".join(changes)


def _filed(told: on.MailFiled, event: Event) -> tuple[str, str]:
    reason = f"{told.name}: {in_words(told.why)}"
    return _("A program answered"), f"{reason} «{told.words}»" if told.words else reason


def _stopped(told: MailStopped, event: Event) -> tuple[str, str]:
    return _("Not sent"), _("%(address)s: the address takes no mail") % {"address": told.address}


def _exceeded(told: BudgetExceeded, event: Event) -> tuple[str, str]:
    return _("Not sent"), _("%(address)s: too many mails of this kind") % {"address": told.address}


def _joined(told: on.ParticipantsAdded, event: Event) -> tuple[str, str]:
    return _("Named in the mail, so they joined"), ", ".join(person.name for person in told.people)


def _message_moved(told: on.MessageMoved, event: Event) -> tuple[str, str]:
    move = _("moved to %(key)s") % {"key": told.to} if told.to else _("taken off this request")
    return _("Mail"), move


def _desk(told: TicketMoved, event: Event) -> tuple[str, str]:
    parts = [
        f"{told.from_desk} → {told.to_desk}",
        f"{told.former_key} → {told.key}",
        *(
            f"{_label_of(field)}: {value}"
            for field, value in (
                ("request_type", told.request_type),
                ("status", told.status),
                ("priority", told.priority),
            )
            if value
        ),
        *([_("%(name)s has it no longer") % {"name": told.former}] if told.former else []),
    ]
    step = "; ".join(parts)
    return _("Desk"), _("%(step)s (taken back)") % {"step": step} if told.taken_back else step


def _desk_for_customers(told: TicketMoved) -> str:
    return _("Handed over to “%(desk)s”: its number is %(key)s now") % {"desk": told.to_desk, "key": told.key}


def _link(told: on.LinkEvent, event: Event) -> tuple[str, str]:
    label = _("Link added") if isinstance(told, on.LinkAdded) else _("Link removed")
    return label, f"{link_words(told.link, told.way)} {told.other}"


def _whole_name(name: str, event: Event) -> str:
    """Return the name as staff read it if it is the actor's, otherwise unchanged."""
    return actor_name(event) if event.actor.startswith(f"{name} <") else name


def _approved(told: on.ApprovalAnswered) -> bool:
    return told.answer == Vote.Answer.APPROVED


def _answered(told: on.ApprovalAnswered, event: Event) -> tuple[str, str]:
    quoted = f": «{told.words}»" if told.words else ""
    sentence = _whole_name(told.name, event) + quoted + _moved(told.before, told.moved)
    return _("Approved") if _approved(told) else _("Declined"), sentence


def _answered_for_customers(told: on.ApprovalAnswered) -> str:
    sentence = _("%(name)s approved") if _approved(told) else _("%(name)s declined")
    return sentence % {"name": told.name}


def _asked_for_customers(told: on.ApprovalAsked) -> str:
    return _("Approval asked of: %(names)s") % {"names": ", ".join(told.names)}


def _to(before: str, after: str) -> str:
    """Return the change of status; old events lack the former status."""
    return f"{before} → {after}" if before else f"→ {after}"


def _moved(before: str, after: str) -> str:
    return f"; {_to(before, after)}" if after else ""


def _assigned(name: str) -> str:
    return ", " + _("assignee: %(name)s") % {"name": name} if name else ""


LINES: Mapping[type[TypedEvent], Line] = {
    on.TicketOpened: Line("phone-incoming", _opened),
    on.TicketCommented: Line("circle-dot", _commented, to_customers=True),
    on.StatusChanged: Line(
        "circle-dot",
        lambda told, event: (_("Status"), f"{told.before} → {told.after}{_assigned(told.assigned)}"),
        to_customers=True,
    ),
    on.TicketAssigned: Line("user-check", _assignee),
    on.FieldChanged: Line("edit", _field),
    on.ChangeTakenBack: Line("arrow-back-up", _taken_back, to_customers=True),
    on.RequesterChanged: Line("user-check", _requester),
    on.AnswersChanged: Line("forms", _answers),
    on.MessageHeld: Line(),
    on.MessageAdmitted: Line(
        "mail-check", lambda told, event: (_("Message"), _("admitted") + _moved(told.before, told.moved))
    ),
    MessageHeldAgain: Line("mail-pause", lambda told, event: (_("Message"), _("held again"))),
    on.MessageEdited: Line("pencil", lambda told, event: (_("Message"), _("changed by its author"))),
    on.MessageWithdrawn: Line("arrow-back-up", lambda told, event: (_("Message"), _("withdrawn by its author"))),
    on.MessageMoved: Line("mail-forward", _message_moved),
    TicketForwarded: Line("mail-forward", lambda told, event: (_("Forwarded"), told.address)),
    ForwardTakenBack: Line(
        "arrow-back-up", lambda told, event: (_("Forwarding"), _("taken back before its mail went"))
    ),
    ForwardAnswered: Line("mail-forward", lambda told, event: (_("Answer to what was forwarded"), told.address)),
    on.MailFiled: Line("repeat", _filed),
    MailUndelivered: Line("mail-x", lambda told, event: (_("Not delivered"), f"{told.address}: {told.words}")),
    MailStopped: Line("mail-x", _stopped),
    BudgetExceeded: Line("mail-x", _exceeded),
    on.ParticipantAdded: Line("user-plus", lambda told, event: (_("Joined"), told.name)),
    on.ParticipantsAdded: Line("user-plus", _joined),
    on.NewcomersLeft: Line(
        "alert-triangle",
        lambda told, event: (_("Too many new people: not added"), ", ".join(told.addresses)),
    ),
    on.LinkAdded: Line("link", _link),
    on.LinkRemoved: Line("link", _link),
    on.AliasAdded: Line("link", lambda told, event: (_("Former key"), told.alias)),
    TicketMoved: Line("arrow-right", _desk, customers=_desk_for_customers),
    on.ParticipantRemoved: Line("user-minus", lambda told, event: (_("Taken off"), told.name)),
    on.OrganizationAdded: Line("building", lambda told, event: (_("Shared with the organisation"), told.name)),
    on.OrganizationRemoved: Line(
        "building", lambda told, event: (_("No longer shared with the organisation"), told.name)
    ),
    on.ApprovalAsked: Line(
        "user-question",
        lambda told, event: (_("Approval asked of"), ", ".join(told.names)),
        customers=_asked_for_customers,
    ),
    on.ApprovalReminded: Line("bell", lambda told, event: (_("Reminded of the approval"), ", ".join(told.names))),
    on.ApprovalAnswered: Line(
        lambda told: "thumb-up" if _approved(told) else "thumb-down",
        _answered,
        customers=_answered_for_customers,
        to_customers=True,
    ),
    on.ApprovalWithdrawn: Line("x", lambda told, event: (_("Approval"), _("no longer asked for"))),
    ApprovalRestored: Line("arrow-back-up", lambda told, event: (_("Approval"), _("asked for again, as before"))),
    on.TicketRated: Line("star", lambda told, event: (_("Rating"), _("%(score)s of 5") % {"score": told.score})),
    # A reply that waits stands on the page itself until it went.
    on.ReplyHeld: Line(),
    on.ReplyMoved: Line(),
    on.ReplyUndone: Line("arrow-back-up", lambda told, event: (_("Reply"), _("taken back before it was sent"))),
    on.ReplyStayed: Line("alert-triangle", lambda told, event: (_("Reply was not sent"), translated(told.why))),
    # Somebody's own switch for mails is nobody else's news.
    on.TicketMuted: Line(),
    on.TicketUnmuted: Line(),
    on.TicketRolledBack: Line(),
}

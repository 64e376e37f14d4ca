"""The page on which a request is moved to another desk: what is chosen, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.desks.access import agents_of
from otklik.desks.models import Desk, RequestType, Status
from otklik.desks.texts import name_of
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.notify.texts.overrides import is_sent
from otklik.people.actor import Actor
from otklik.tickets.commands.move import Standing, move_refusal, same_type, standing_at, statuses_at
from otklik.tickets.commands.request_type import people_asked_anew
from otklik.tickets.keys import former_keys
from otklik.tickets.models import Approval, PendingReply, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.refusals import WorkspaceRefusal

NO_TYPE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """A request type or a status to choose."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MovePlan:
    """The choices at one desk and the effects in words; `refusal`: why the ticket cannot be moved there, or ""."""

    desk: Desk
    types: list[Choice]
    statuses: list[Choice]
    effects: list[str]
    refusal: str = ""


def move_plan(actor: Actor, ticket: Ticket, desk: Desk, typed_type: str = "", typed_status: str = "") -> MovePlan:
    """Return the plan for a desk where the actor works; `typed_…`: the present choices. Saves nothing."""
    refusal = move_refusal(actor, ticket, desk)
    if refusal is not None:
        return MovePlan(desk, [], [], [], refusal_words(refusal))
    types = usable_types_of(desk)
    chosen = next((kind for kind in types if str(kind.pk) == typed_type), None)
    standing = standing_at(ticket, desk, chosen or same_type(ticket, types))
    return MovePlan(
        desk=desk,
        types=_types(ticket, types, typed_type or _value(standing.request_type)),
        statuses=_statuses(statuses_at(ticket, desk), typed_status or str(standing.status.pk)),
        effects=_effects(ticket, desk, standing),
    )


def usable_types_of(desk: Desk) -> list[RequestType]:
    """Return the desk's request types for staff, including those hidden on the portal."""
    return list(desk.request_types.filter(archived=False).order_by("position", "id"))


def _value(request_type: RequestType | None) -> str:
    return str(request_type.pk) if request_type is not None else ""


def _types(ticket: Ticket, types: Sequence[RequestType], chosen: str) -> list[Choice]:
    first = Choice("", _("Choose"), not chosen)
    none = [Choice(NO_TYPE, _("No type"), chosen == NO_TYPE)] if ticket.request_type_id is None else []
    return [first, *none, *(Choice(str(kind.pk), _type_name(ticket, kind), str(kind.pk) == chosen) for kind in types)]


def _type_name(ticket: Ticket, kind: RequestType) -> str:
    """Mark types that ask for approval, because without scripts the effects are not updated for another choice."""
    name, asks = name_of(kind), bool(kind.approval_rule) and not ticket.status.is_done
    return _("%(type)s (asks for an approval)") % {"type": name} if asks else name


def _statuses(statuses: Sequence[Status], chosen: str) -> list[Choice]:
    return [Choice(str(status.pk), name_of(status), str(status.pk) == chosen) for status in statuses]


def _effects(ticket: Ticket, desk: Desk, standing: Standing) -> list[str]:
    """Return sentences, the most important first."""
    return [
        _new_key(ticket, desk),
        *_readers(ticket, desk),
        _assignee(ticket, standing),
        *_priority(ticket, standing),
        *_answers(ticket),
        *_waiting(ticket),
        *_asked(ticket, standing),
        _customers(desk),
    ]


def _new_key(ticket: Ticket, desk: Desk) -> str:
    former = next((key for key in former_keys(ticket) if key.rpartition("-")[0] == desk.key), "")
    values = {"key": ticket.key, "now": former, "desk": desk.key}
    if former:
        return _("It is %(now)s again; links, mails and searches with %(key)s lead to it, too.") % values
    return _("It gets the next number of %(desk)s; links, mails and searches with %(key)s lead to it, too.") % values


def _readers(ticket: Ticket, desk: Desk) -> list[str]:
    there = set(agents_of(desk).values_list("pk", flat=True))
    leaving = set(agents_of(ticket.desk).values_list("pk", flat=True)) - there
    count = len(there)
    see = ngettext(
        "%(n)d person of “%(desk)s” will read all of it, the internal notes and the files, too.",
        "%(n)d people of “%(desk)s” will read all of it, the internal notes and the files, too.",
        count,
    ) % {"n": count, "desk": name_of(desk)}
    lose = ngettext(
        "%(n)d person of “%(desk)s” will not see it any more.",
        "%(n)d people of “%(desk)s” will not see it any more.",
        len(leaving),
    ) % {"n": len(leaving), "desk": name_of(ticket.desk)}
    return [see, *([lose] if leaving else [])]


def _assignee(ticket: Ticket, standing: Standing) -> str:
    if ticket.assignee is None:
        return _("Nobody has it, there as here.")
    name = {"name": ticket.assignee.staff_name}
    if standing.assignee is None:
        return _("%(name)s does not work there: nobody will have it.") % name
    return _("%(name)s keeps it.") % name


def _priority(ticket: Ticket, standing: Standing) -> list[str]:
    before, after = name_of(ticket.priority), name_of(standing.priority)
    if before == after:
        return []
    return [_("Its priority becomes “%(after)s” (now “%(before)s”).") % {"before": before, "after": after}]


def _answers(ticket: Ticket) -> list[str]:
    if not ticket.answers:
        return []
    return [_("Answers go along where the new form asks the same; the others stay below the form fields.")]


def _waiting(ticket: Ticket) -> list[str]:
    """Return notices about approvals that the move cancels and about scheduled replies."""
    asked = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING)
    replies = PendingReply.objects.filter(ticket=ticket, state=PendingReply.State.WAITING)
    lines = [_("The approval that its type asks for is asked for no more.")] if asked.exists() else []
    if replies.exists():
        lines.append(_("Replies that wait are sent only where their author works there, too; the others stay unsent."))
    return lines


def _asked(ticket: Ticket, standing: Standing) -> list[str]:
    """Say whom the new type asks for approval, and that they get a mail."""
    kind = standing.request_type
    people = people_asked_anew(ticket, kind) if kind is not None else []
    if kind is None or not people:
        return []
    names = ", ".join(person.staff_name for person in people)
    values = {"type": name_of(kind), "people": names}
    return [_("“%(type)s” asks for an approval by itself; a mail goes to: %(people)s.") % values]


def _customers(desk: Desk) -> str:
    stay = _("The requester and everybody on the request stay; they see that it was handed over, and its new number.")
    mail = _("They get a mail about it.") if is_sent(desk, BY_NAME["moved"]) else _("They get no mail about it.")
    return f"{stay} {mail}"


def chosen_of(ticket: Ticket, desk: Desk, typed_type: str, typed_status: str) -> tuple[RequestType | None, Status]:
    """Return the request type (None for no type) and status that the form names.

    Raises UnableTo if no type is chosen. An unknown status means the one that the move would set.
    """
    kind = next((row for row in usable_types_of(desk) if str(row.pk) == typed_type), None)
    if kind is None and not (typed_type == NO_TYPE and ticket.request_type_id is None):
        raise UnableTo(WorkspaceRefusal.TYPE_NOT_CHOSEN)
    status = next((row for row in statuses_at(ticket, desk) if str(row.pk) == typed_status), None)
    return kind, status or standing_at(ticket, desk, kind).status

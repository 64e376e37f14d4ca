"""Create a desk with everything it needs to work at once."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.desks.default_forms import add_default_forms
from otklik.desks.defaults import (
    COLUMNS,
    PLANS,
    DeskPlan,
    names_elsewhere,
    portal_elsewhere,
    shipped_types,
    types_elsewhere,
)
from otklik.desks.events import DeskAdded, RoleSet
from otklik.desks.models import Channel, Desk, IssueType, Membership, Priority, Queue, RequestType, Status, Transition
from otklik.desks.refusals import DeskRefusal
from otklik.desks.site_entries import BROKEN, INCIDENT
from otklik.journal.record import record
from otklik.mail.models import Mailbox
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.sessions import end_sessions
from otklik.people.models import Person

_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")


class UnableToAddDesk(UnableTo):
    """The desk cannot be created; the refusal code says why."""


class UnableToAddMember(UnableTo):
    """The person cannot get this role."""


def add_desk(
    *,
    actor: Actor,
    at: datetime,
    key: str,
    name: str,
    address: str,
    phone: str = "",
    language: str = "ru",
    told: str = Desk.Told.NOBODY,
) -> Desk:
    """Create a desk with default request types, statuses, transitions, priorities and queues.

    Names are in `language` ("ru" or "en"), with translations into the other. `told`: which staff is notified of new
    requests (Desk.Told). `key`: 2 to 10 characters, A to Z and digits, beginning with a letter. Raises UnableToAddDesk
    (invalid or taken key, taken address) and BadAddress.
    """
    if not _KEY.fullmatch(key):
        raise UnableToAddDesk(DeskRefusal.KEY_INVALID, key=key)
    email = canonical(address)
    with transaction.atomic():
        if Desk.objects.filter(key=key).exists():
            raise UnableToAddDesk(DeskRefusal.KEY_TAKEN, key=key)
        if Channel.objects.filter(mailbox__address=email).exists():
            raise UnableToAddDesk(DeskRefusal.ADDRESS_OF_OTHER_DESK, email=email)
        plan, other = PLANS[language], names_elsewhere(language)
        desk = Desk.objects.create(
            key=key,
            name=name,
            phone=phone,
            language=language,
            staff_told=told,
            created_at=at,
            welcome=plan.welcome,
            question=plan.question,
            phone_script=plan.phone_script,
            texts=portal_elsewhere(language),
        )
        types = _add_request_types(desk, plan)
        add_default_forms(types, language)
        _add_workflow(desk, plan, other)
        _add_queues(desk, plan, other)
        mailbox, _ = Mailbox.objects.get_or_create(address=email, defaults={"created_at": at})
        Channel.objects.create(mailbox=mailbox, desk=desk, request_type=types[-1], main=True)
        record(DeskAdded(key=key, address=email), about=desk.pk, by=actor, at=at)
    return desk


def set_role(*, actor: Actor, at: datetime, desk: Desk, person: Person, role: str) -> Membership:
    """Give a person the role agent, lead or admin at a desk, replacing their present one. Raises UnableToAddMember.

    Ends their sessions if the role changed or is their first: rights must not change under an open page, and sessions
    of staff are shorter (section 3.3).
    """
    if role not in Membership.Role.values:
        raise UnableToAddMember(DeskRefusal.ROLE_UNKNOWN, role=role, known=", ".join(Membership.Role.values))
    with transaction.atomic():
        before = dict(Membership.objects.filter(person=person).values_list("desk_id", "role"))
        membership, _ = Membership.objects.update_or_create(desk=desk, person=person, defaults={"role": role})
        if not before or before.get(desk.pk, role) != role:
            end_sessions(actor=actor, at=at, person=person)
        record(RoleSet(person=person.pk, role=role), about=desk.pk, by=actor, at=at)
    return membership


def _add_request_types(desk: Desk, plan: DeskPlan) -> list[RequestType]:
    """Create the request types in order; the last one is for mail, hidden on the portal."""
    other = types_elsewhere(desk.language)
    broken = IssueType.objects.filter(name__in=INCIDENT.values()).first()
    usual = IssueType.objects.filter(archived=False).order_by("position", "id").first()
    return RequestType.objects.bulk_create(
        RequestType(
            desk=desk,
            icon=icon,
            name=name,
            help=help_line,
            texts=other[name],
            position=position,
            issue_type=(broken if icon == BROKEN else None) or usual,
            hidden=position > len(plan.request_types),
        )
        for position, (icon, name, help_line) in enumerate(shipped_types(plan), 1)
    )


def _add_workflow(desk: Desk, plan: DeskPlan, other: Mapping[tuple[str, str], Any]) -> None:
    statuses = Status.objects.bulk_create(
        Status(desk=desk, name=name, texts=other["status", name], category=category, position=position)
        for position, (name, category) in enumerate(plan.statuses, 1)
    )
    by_name = {status.name: status for status in statuses}
    Transition.objects.bulk_create(
        Transition(
            desk=desk,
            name=transition.name,
            texts=other["transition", transition.name],
            source=by_name.get(transition.source),
            target=by_name[transition.target],
            for_customers=transition.customers,
            for_agents=transition.agents,
            on_customer_reply=transition.on_reply,
            assigns=transition.assigns,
            position=position,
        )
        for position, transition in enumerate(plan.transitions, 1)
    )
    Priority.objects.bulk_create(
        Priority(
            desk=desk, name=name, texts=other["priority", name], level=level, is_default=name == plan.default_priority
        )
        for level, name in enumerate(plan.priorities, 1)
    )


def _add_queues(desk: Desk, plan: DeskPlan, other: Mapping[tuple[str, str], Any]) -> None:
    Queue.objects.bulk_create(
        Queue(
            desk=desk,
            name=name,
            texts=other["queue", name],
            jql=jql,
            columns=COLUMNS,
            position=position,
        )
        for position, (name, jql) in enumerate(plan.queues, 1)
    )

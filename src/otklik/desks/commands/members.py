"""Remove roles and rights from people, and deactivate and reactivate accounts."""

from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock_all
from otklik.desks.events import RoleTaken, SiteRoleTaken, SwitchedOff, SwitchedOn
from otklik.desks.models import Desk, Membership
from otklik.desks.refusals import DeskRefusal
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.commands.sessions import end_sessions
from otklik.people.models import Person


class UnableToTakeRole(UnableTo):
    """The role cannot be removed, or the person cannot be reactivated."""


def take_role(*, actor: Actor, at: datetime, desk: Desk, person: Person) -> None:
    """Remove a person from the desk's staff and end their sessions. Raises UnableToTakeRole for a non-member.

    Tickets stay assigned to the person, for the desk to reassign.
    """
    with transaction.atomic():
        gone, _each = Membership.objects.filter(desk=desk, person=person).delete()
        if not gone:
            raise UnableToTakeRole(DeskRefusal.NOT_A_MEMBER, email=person.email, desk=desk.key)
        end_sessions(actor=actor, at=at, person=person)
        record(RoleTaken(person=person.pk), about=desk.pk, by=actor, at=at)


def take_site(*, actor: Actor, at: datetime, person: Person) -> None:
    """Remove a site administrator's rights and end their sessions.

    Raises UnableToTakeRole for somebody else, and for the only administrator.
    """
    with transaction.atomic():
        admins = [person.pk for person in lock_all(Person.objects.filter(is_admin=True, is_active=True).order_by("pk"))]
        if person.pk not in admins:
            raise UnableToTakeRole(DeskRefusal.NOT_AN_ADMIN, email=person.email)
        if len(admins) == 1:
            raise UnableToTakeRole(DeskRefusal.LAST_ADMIN)
        Person.objects.filter(pk=person.pk).update(is_admin=False)
        end_sessions(actor=actor, at=at, person=person)
        record(SiteRoleTaken(), about=person.pk, by=actor, at=at)


def switch_off(*, actor: Actor, at: datetime, person: Person) -> None:
    """Deactivate a person: no login, and no actions by mail or token. Ends their sessions at once."""
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(is_active=False)
        end_sessions(actor=actor, at=at, person=person)
        record(SwitchedOff(), about=person.pk, by=actor, at=at)


def switch_on(*, actor: Actor, at: datetime, person: Person) -> None:
    """Reactivate a person, with their former roles. Raises UnableToTakeRole for an erased person."""
    if person.email is None:
        raise UnableToTakeRole(DeskRefusal.PERSON_ERASED)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(is_active=True)
        record(SwitchedOn(), about=person.pk, by=actor, at=at)

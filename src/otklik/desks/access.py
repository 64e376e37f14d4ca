"""Permissions at a desk. Rooms above ask here; strangers get a 404, which does not reveal that a desk exists."""

from copy import copy

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from otklik.core.batch_cache import remembered
from otklik.core.configuration_cache import kept
from otklik.core.fast_reads import fast_read
from otklik.desks.models import Desk, Membership, RequestType
from otklik.people.models import Person

Viewer = Person | AnonymousUser

_LEADING = (Membership.Role.LEAD, Membership.Role.ADMIN)


def portal_desks(viewer: Viewer) -> QuerySet[Desk]:
    """Desks whose portal the viewer may open: at present all of them, for everybody."""
    return Desk.objects.order_by("id")


def portal_desk(viewer: Viewer, desk_id: int) -> Desk | None:
    """Return a new instance of the desk with this id, if its portal may be opened; otherwise None."""
    desk = _desk(desk_id)
    return desk and copy(desk)


@kept
def _desk(desk_id: int) -> Desk | None:
    return portal_desks(AnonymousUser()).filter(pk=desk_id).first()


def is_signup_open() -> bool:
    """Return whether any desk allows self-registration. One is enough, as accounts are valid at all desks."""
    return Desk.objects.filter(signup=True).exists()


def worked_desks(viewer: Viewer) -> QuerySet[Desk]:
    """Desks where the viewer works as agent, lead or admin; for site administrators all desks."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Desk.objects.none()
    desks = Desk.objects.order_by("id")
    return desks if viewer.is_admin else desks.filter(memberships__person=viewer.pk)


def led_desks(viewer: Viewer) -> QuerySet[Desk]:
    """Desks whose settings the viewer may change, as lead or admin; for site administrators all desks."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Desk.objects.none()
    desks = Desk.objects.order_by("id")
    if viewer.is_admin:
        return desks
    return desks.filter(memberships__person=viewer, memberships__role__in=_LEADING)


def posts_of(person: Person) -> list[tuple[Desk, bool]]:
    """Return the person's `worked_desks`, each with whether they lead it. One statement, none if cached."""
    if not person.is_active:
        return []
    kept_posts = _all_desks() if person.is_admin else _posts_of(person.pk)
    # Copies, because model forms write into the instance before validation.
    return [(copy(desk), leads) for desk, leads in kept_posts]


@kept
def _all_desks() -> tuple[tuple[Desk, bool], ...]:
    return tuple((desk, True) for desk in Desk.objects.order_by("id"))


@kept
def _posts_of(person: int) -> tuple[tuple[Desk, bool], ...]:
    return tuple((post.desk, post.role in _LEADING) for post in _posts(person=person))


@fast_read("person")
def _posts(*, person: int) -> QuerySet[Membership]:
    return Membership.objects.filter(person=person).select_related("desk").order_by("desk_id")


def is_agent(viewer: Viewer, desk: Desk) -> bool:
    """Return whether the viewer works at this desk, in any role."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return False
    return viewer.is_admin or _works_at(viewer.pk, desk.pk)


@remembered
@kept
def _works_at(person: int, desk: int) -> bool:
    return Membership.objects.filter(person=person, desk=desk).exists()


def is_lead(viewer: Viewer, desk: Desk) -> bool:
    """Return whether the viewer may change the desk's settings."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return False
    return viewer.is_admin or viewer.memberships.filter(desk=desk, role__in=_LEADING).exists()


def agents_of(desk: Desk) -> QuerySet[Person]:
    """People to whom the desk's tickets can be assigned: its active members, by name."""
    return Person.objects.filter(memberships__desk=desk.pk, is_active=True).order_by("name", "id")


def told_of_new(desk: Desk) -> QuerySet[Person]:
    """The staff to notify of unassigned requests, by the desk's setting.

    Does not include site administrators without a role at the desk.
    """
    staff = agents_of(desk).exclude(email=None)
    match desk.staff_told:
        case Desk.Told.EVERYBODY:
            return staff
        case Desk.Told.LEADS:
            return staff.filter(memberships__desk=desk, memberships__role__in=_LEADING)
        case Desk.Told.NAMED:
            return staff.filter(pk__in=desk.told_people.values("pk"))
    return staff.none()


def usable_types(viewer: Viewer, desk: Desk) -> QuerySet[RequestType]:
    """The request types that the viewer may use on the desk's portal, in order.

    Restricted types are included only for the people and organizations they name, and for the desk's staff.
    """
    if is_agent(viewer, desk):
        return _shown_types(desk.pk)
    return _types_for(viewer.pk if isinstance(viewer, Person) and viewer.is_active else 0, desk.pk)


def usable_types_read(viewer: Viewer, desk: Desk) -> list[RequestType]:
    """Like `usable_types`, evaluated. One statement; two for staff if nothing is cached."""
    if is_agent(viewer, desk):
        return _of_staff(desk=desk.pk)
    return _of_customer(person=viewer.pk if isinstance(viewer, Person) and viewer.is_active else 0, desk=desk.pk)


@fast_read("desk")
def _of_staff(*, desk: int) -> QuerySet[RequestType]:
    return _shown_types(desk)


@fast_read("person", "desk")
def _of_customer(*, person: int, desk: int) -> QuerySet[RequestType]:
    return _types_for(person, desk)


def _shown_types(desk: int) -> QuerySet[RequestType]:
    return RequestType.objects.filter(desk=desk, hidden=False, archived=False).order_by("position", "id")


def _types_for(person: int, desk: int) -> QuerySet[RequestType]:
    """Types on the portal that are unrestricted or name the person (0: nobody)."""
    named = Q(allowed_people=person) | Q(allowed_organizations__members=person)
    allowed = RequestType.objects.filter(named, desk=desk).values("pk")
    return _shown_types(desk).filter(Q(restricted=False) | Q(pk__in=allowed))

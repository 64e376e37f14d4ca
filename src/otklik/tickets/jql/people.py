"""People whom a value of the filter language means."""

from collections.abc import Callable, Sequence

from django.db.models import Q, QuerySet

from otklik.desks.models import Membership
from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.tickets.jql.directory import organizations_like, people_like
from otklik.tickets.jql.errors import BadJql, unknown_group, unknown_organization, unknown_person, unknown_value
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.function_calls import argument, misplaced
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Call, Literal
from otklik.tickets.jql.value_lookup import all_names, desks, ids_called

_ROLES = {
    **dict.fromkeys(("agent", "agents", "агент", "агенты"), Membership.Role.AGENT),
    **dict.fromkeys(("lead", "leads", "руководитель", "руководители"), Membership.Role.LEAD),
    **dict.fromkeys(("admin", "admins", "администратор", "администраторы"), Membership.Role.ADMIN),
}
_NAMESAKES = 500
CURRENT_USER = "currentUser()"  # as the grammar reads it within a function
# What people write for themselves, and for nobody.
_MEANT = {
    **dict.fromkeys(("currentuser", "i", "me", "myself", "меня", "мне", "мной", "мои", "я"), CURRENT_USER),
    **dict.fromkeys(("nobody", "none", "unassigned", "никто", "нет", "пусто"), "EMPTY"),
}
# By how many of the first letters somebody or an organisation near is looked for.
_LIKE = 3


def people_of(
    field: str | None, values: Sequence[Literal | Call], asker: Asker
) -> Sequence[int] | QuerySet[Person, int]:
    """Return the ids of all people that the values mean, for `__in`. Raises BadJql.

    People are named by login, mail address or full name; functions mean several. `field`: the field whose values they
    are, None for BY.
    """
    ids = [pk for value in values if isinstance(value, Literal) for pk in person_ids(field, value, asker)]
    calls = [value for value in values if isinstance(value, Call)]
    if not calls:
        return ids
    meant = Q(pk__in=ids)
    for call in calls:
        meant |= _called(field or "by", call, asker)
    return Person.objects.filter(meant).order_by().values_list("pk", flat=True)


def people_named(value: Literal, asker: Asker) -> list[int]:
    """Return the ids of those whom a function's argument means, which may be `currentUser()`. Raises BadJql."""
    if value.text == CURRENT_USER:
        return [current_user(Call(CURRENT_USER, at=value.at), asker).pk]
    return person_ids(None, value, asker)


def person_ids(field: str | None, value: Literal, asker: Asker) -> list[int]:
    """Return the ids of everybody of this name that the asker may name. `field` as for `people_of`. Raises BadJql for
    nobody."""
    if asker.catalogue is not None and value.text.isdecimal():
        return [int(value.text[:18])]
    ids = asker.once(("person", value.text), lambda: _ids_of(value.text, asker))
    if not ids:
        raise _nobody(field, value, asker)
    return ids


def _nobody(field: str | None, value: Literal, asker: Asker) -> BadJql:
    meant = _MEANT.get(value.text.strip().casefold())
    if field is None:  # nothing happens by EMPTY
        if meant == CURRENT_USER:
            return BadJql(JqlRefusal.PERSON_UNKNOWN_NEAR, at=value.at, word=value.text, near=meant)
        return unknown_person(value.text, _names_like(value.text, asker), at=value.at)
    if meant:
        return BadJql(JqlRefusal.VALUE_UNKNOWN_NEAR, at=value.at, field=field, word=value.text, near=meant)
    return unknown_value(field, value.text, _names_like(value.text, asker), at=value.at)


def _ids_of(text: str, asker: Asker) -> list[int]:
    # Filter by name first, by index; the costly check of who may be named then sees few people.
    called = Person.objects.filter(_named(text)).order_by("pk").values_list("pk", flat=True).distinct()
    known = asker.seen_people().filter(pk__in=list(called[:_NAMESAKES])).order_by("pk")
    return list(known.values_list("pk", flat=True))


def _names_like(text: str, asker: Asker) -> list[str]:
    """Return similar names of people that the asker may name, for a suggestion."""
    people = [] if asker.catalogue else people_like(text.strip()[:_LIKE], asker)
    return [name for person in people for name in (person.name, person.login, person.email) if name]


def _named(text: str) -> Q:
    name = " ".join(text.replace("\0", "").split())
    named = Q(name__iexact=name) | Q(login__iexact=name) if name else Q(pk__in=[])
    try:
        return named | Q(emailaddress__email=canonical(name)) if "@" in name else named
    except BadAddress:
        return named


def _called(field: str, call: Call, asker: Asker) -> Q:
    functions: dict[str, Callable[[Call, Asker], Q]] = {
        "currentuser": _current_user,
        "membersof": _members_of,
        "organizationmembers": _organization_members,
    }
    function = functions.get(call.name.lower())
    if function is None:
        raise misplaced(field, call)
    return function(call, asker)


def is_current_user(call: Call) -> bool:
    """Return whether the call is `currentUser()`."""
    return call.name.lower() == "currentuser" and not call.arguments


def current_user(call: Call, asker: Asker) -> Person:
    """Return the asking person. Raises BadJql if that is the site."""
    if asker.person is None:
        raise BadJql(JqlRefusal.SELF_UNKNOWN, at=call.at)
    return asker.person


def _current_user(call: Call, asker: Asker) -> Q:
    if call.arguments:
        raise BadJql(JqlRefusal.ARGUMENTS_WRONG, at=call.at, name=call.name, example="currentUser()")
    return Q(pk=current_user(call, asker).pk)


def _members_of(call: Call, asker: Asker) -> Q:
    """People who are staff of the named desk, or who have the named role anywhere. Customers cannot name staff."""
    group = argument(call, 'membersOf("ACCREDO")')
    of_seen = Q() if asker.sees_everything else Q(desk_id__in=asker.worked)
    role = _ROLES.get(group.text.casefold())
    of_group = Q(desk_id__in=_desks_named(group, asker)) if role is None else Q(role=role)
    return Q(pk__in=Membership.objects.filter(of_seen, of_group).values("person"))


def _desks_named(group: Literal, asker: Asker) -> set[int]:
    rows = desks(asker)
    if ids := ids_called(group.text, rows):
        return ids
    raise unknown_group(group.text, [*all_names(rows), *_ROLES], at=group.at)


def _organization_members(call: Call, asker: Asker) -> Q:
    name = argument(call, 'organizationMembers("…")')
    if ids := _organizations_named(name.text, asker):
        return Q(organizations__in=ids)
    raise unknown_organization(name.text, _organization_names_like(name.text, asker), at=name.at)


def organization_ids(field: str, value: Literal | Call, asker: Asker) -> list[int]:
    """Return the ids of organizations of this name that the asker may name. Raises BadJql for none."""
    if isinstance(value, Call):
        raise misplaced(field, value)
    if ids := _organizations_named(value.text, asker):
        return ids
    raise unknown_value(field, value.text, _organization_names_like(value.text, asker), at=value.at)


def _organizations_named(text: str, asker: Asker) -> list[int]:
    name = text.replace("\0", "").strip()
    seen = asker.seen_organizations()
    by_id = asker.catalogue is not None and name.isdecimal() and len(name) < 19
    return list((seen.filter(pk=int(name)) if by_id else seen.filter(name__iexact=name)).values_list("pk", flat=True))


def _organization_names_like(text: str, asker: Asker) -> list[str]:
    near = [] if asker.catalogue else organizations_like(text.strip()[:_LIKE], asker)
    return [organization.name for organization in near]

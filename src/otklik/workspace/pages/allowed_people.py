"""Page data for the people allowed to use a restricted request type: search results and choices. Read-only."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.ids import typed_id
from otklik.desks.models import Desk, RequestType
from otklik.people.models import Organization, Person
from otklik.workspace.forms.request_types import TypeForm, named_lines
from otklik.workspace.queries import known_caller, known_callers

SHORTEST = 2
MOST = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A person or an organisation that can be chosen: the button's name and value are what the form then sends."""

    button: str
    id: int
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `workspace/settings/type.html` prints below «only for those named»; `chosen`: who was added just now."""

    url: str
    found: list[Found]
    searched: bool = False
    chosen: str = ""


def allowed_url(desk: Desk, kind: RequestType | None) -> str:
    """Where the box asks; `kind` None: the type is yet to be added."""
    return reverse("workspace:settings_allow", args=[desk.key, kind.pk if kind else 0])


def chosen_in(viewer: Person, sent: QueryDict) -> tuple[QueryDict, str]:
    """What was sent, and in it whoever was chosen; with their name, or with "" where nobody was."""
    data = sent.copy()
    person = known_caller(viewer, typed_id(data.get("add_person", "")))
    organization = Organization.objects.filter(pk=typed_id(data.get("add_organization", ""))).first()
    if person and person.email:
        data["allowed_people"] = "\n".join([*named_lines(data.get("allowed_people", "")), person.email])
    elif organization:
        data.appendlist("allowed_organizations", str(organization.pk))
    else:
        return data, ""
    data["find"], data["restricted"] = "", "on"
    return data, person.display_name if person else str(organization)


def allowed(viewer: Person, desk: Desk, kind: RequestType | None, form: TypeForm, chosen: str = "") -> Allowed:
    """What stands in the box's place for this form: people whom `known_callers` may show, and all organisations."""
    typed_text = " ".join(str(form["find"].value() or "").split())
    if len(typed_text) < SHORTEST:
        return Allowed(allowed_url(desk, kind), [], chosen=chosen)
    named = named_lines(str(form["allowed_people"].value() or ""))
    people_found = _organizations(typed_text, form.ticked()) + _people(viewer, typed_text, named)
    return Allowed(allowed_url(desk, kind), people_found, searched=True)


def _organizations(text: str, ticked: Sequence[int]) -> list[Found]:
    rows = Organization.objects.filter(name__icontains=text).exclude(pk__in=ticked).order_by("name", "id")
    return [
        Found("add_organization", organization.pk, organization.name, _("organisation")) for organization in rows[:MOST]
    ]


def _people(viewer: Person, text: str, named: Sequence[str]) -> list[Found]:
    rows = known_callers(viewer, text).exclude(email=None).exclude(email__in=named)
    return [Found("add_person", person.pk, person.display_name, person.email or "") for person in rows[:MOST]]

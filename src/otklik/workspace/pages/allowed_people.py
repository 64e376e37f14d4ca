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
    """A person or an organisation in the search result. `button`, `id`: name and value of its submit button."""

    button: str
    id: int
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The search box below «only for those named» in `workspace/settings/type.html`; `chosen`: who was just added."""

    url: str
    found: list[Found]
    searched: bool = False
    chosen: str = ""


def allowed_url(desk: Desk, kind: RequestType | None) -> str:
    """Return the URL that the search box posts to; `kind` None for a new type."""
    return reverse("workspace:settings_allow", args=[desk.key, kind.pk if kind else 0])


def chosen_in(viewer: Person, sent: QueryDict) -> tuple[QueryDict, str]:
    """Return the posted data with the chosen person or organisation added, and its name; "" if none was chosen."""
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
    """Return the search result for this form: people whom `known_callers` lists, and all organisations."""
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

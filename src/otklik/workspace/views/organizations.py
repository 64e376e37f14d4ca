"""Organisations and their members, for site administrators."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.people.commands.organizations import (
    UnableToChangeOrganization,
    add_organization,
    change_organization,
    remove_member,
    set_member,
)
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization, OrganizationMember, Person
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.organization import MemberForm, OrganizationForm
from otklik.workspace.view_access import actor_of, for_admins

MOST_MEMBERS = 500


@for_admins("GET", "POST")
def organizations(request: HttpRequest) -> HttpResponse:
    """List all organisations; POST adds one."""
    form = OrganizationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_organization(actor=actor_of(request), at=timezone.now(), **_organization_values(form))
        except UnableToChangeOrganization as error:
            form.add_error(None, refusal_words(error))
        else:
            messages.success(request, _("The organisation «%(name)s» is added.") % {"name": added.name})
            return redirect("workspace:organization", added.pk)
    rows = Organization.objects.annotate(people=Count("memberships")).order_by("name", "id")
    status = 422 if request.method == "POST" else 200
    return render(request, "workspace/organizations/list.html", {"rows": rows, "form": form}, status=status)


@for_admins("GET", "POST")
def organization(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Show an organisation with its members; POST changes it."""
    stored = _organization(organization_id)
    initial = {"name": stored.name, "domains": "\n".join(stored.domains), "open_inside": stored.open_inside}
    form = OrganizationForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_organization(
                actor=actor_of(request), at=timezone.now(), organization=stored, **_organization_values(form)
            )
        except UnableToChangeOrganization as error:
            form.add_error(None, refusal_words(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace:organization", stored.pk)
    return _page(request, stored, form, MemberForm(), 422 if request.method == "POST" else 200)


@for_admins("POST")
def add_member(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Add the person with the address as a member; an unknown person is created."""
    stored, form, at = _organization(organization_id), MemberForm(request.POST), timezone.now()
    if not form.is_valid():
        initial = {"name": stored.name, "domains": "\n".join(stored.domains), "open_inside": stored.open_inside}
        return _page(request, stored, OrganizationForm(initial=initial), form, 422)
    person, _made = ensure_person(address=form.cleaned_data["address"], name="", at=at)
    set_member(
        actor=actor_of(request), at=at, organization=stored, person=person, sees_all=form.cleaned_data["sees_all"]
    )
    messages.success(request, _("%(name)s is a member now.") % {"name": person.staff_name})
    return redirect("workspace:organization", stored.pk)


@for_admins("POST")
def change_member(request: HttpRequest, organization_id: int, person_id: int) -> HttpResponse:
    """Set whether a member sees the tickets of all members."""
    stored, person = _member(organization_id, person_id)
    sees_all = request.POST.get("sees_all") == "1"
    set_member(actor=actor_of(request), at=timezone.now(), organization=stored, person=person, sees_all=sees_all)
    return redirect("workspace:organization", stored.pk)


@for_admins("POST")
def drop_member(request: HttpRequest, organization_id: int, person_id: int) -> HttpResponse:
    """Remove a member from an organization; the person and their tickets stay."""
    stored, person = _member(organization_id, person_id)
    remove_member(actor=actor_of(request), at=timezone.now(), organization=stored, person=person)
    messages.success(request, _("%(name)s is no longer a member.") % {"name": person.staff_name})
    return redirect("workspace:organization", stored.pk)


def _page(
    request: HttpRequest, stored: Organization, form: OrganizationForm, member: MemberForm, status: int
) -> HttpResponse:
    members = stored.memberships.select_related("person").order_by("person__name", "id")[:MOST_MEMBERS]
    context = {"organization": stored, "form": form, "member": member, "members": members}
    return render(request, "workspace/organizations/one.html", context, status=status)


def _organization_values(form: OrganizationForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {"name": data["name"], "domains": data["domains"].split(), "open_inside": data["open_inside"]}


def _organization(organization_id: int) -> Organization:
    stored = Organization.objects.filter(pk=organization_id).first()
    if stored is None:
        raise Http404
    return stored


def _member(organization_id: int, person_id: int) -> tuple[Organization, Person]:
    members = OrganizationMember.objects.filter(organization_id=organization_id, person_id=person_id)
    member = members.select_related("organization", "person").first()
    if member is None:
        raise Http404
    return member.organization, member.person

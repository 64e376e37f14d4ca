"""URLs of the site administrators' pages for organisations and members."""

from django.urls import URLPattern, path

from otklik.workspace.views.organizations import add_member, change_member, drop_member, organization, organizations

_ALL = "secure/admin/organizations"
_ONE = f"{_ALL}/<int:organization_id>"

urlpatterns: list[URLPattern] = [
    path(_ALL, organizations, name="organizations"),
    path(_ONE, organization, name="organization"),
    path(f"{_ONE}/members", add_member, name="add_member"),
    path(f"{_ONE}/members/<int:person_id>/change", change_member, name="change_member"),
    path(f"{_ONE}/members/<int:person_id>/remove", drop_member, name="drop_member"),
]

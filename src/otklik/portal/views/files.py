"""Upload files before their form is submitted."""

from collections.abc import Sequence

from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from otklik.core.upload_views import takes_files
from otklik.portal.pages.create import request_form
from otklik.portal.view_access import for_persons, person_of
from otklik.portal.views.create import desk_and_type
from otklik.tickets.answers.files import MOST_FILES, KeptFilesField, KeptFilesInput, kept_file, owner_of


@for_persons("POST")
@takes_files
def upload(request: HttpRequest, desk_id: int, type_id: int) -> HttpResponseBase:
    """Store the files of one field of a request form before it is sent; return their lines and errors.

    Called by a script; without scripts, files are sent with the form.
    """
    desk, kind = desk_and_type(request, desk_id, type_id)
    person = person_of(request)
    if not ratelimit.consume(request, action="upload", user=person):
        return render(request, "429.html", status=429)
    form = request_form(desk, kind, person, request.POST, request.FILES)
    name = str(request.POST.get("field", ""))
    field = form.fields.get(name)
    if not isinstance(field, KeptFilesField):
        raise Http404
    form.full_clean()
    return _kept(request, field, name, [str(error) for error in form.errors.get(name, [])])


@for_persons("POST")
@takes_files
def files(request: HttpRequest) -> HttpResponseBase:
    """Store files for comments, replies, notes and calls before the form is sent; return their lines and errors."""
    person = person_of(request)
    if not ratelimit.consume(request, action="upload", user=person):
        return render(request, "429.html", status=429)
    name = str(request.POST.get("field", ""))
    field, errors = KeptFilesField(owner=owner_of(person), most=MOST_FILES, required=False), list[str]()
    try:
        field.clean(KeptFilesInput().value_from_datadict(request.POST, request.FILES, name))
    except ValidationError as refused:
        errors = refused.messages
    return _kept(request, field, name, errors)


def _kept(request: HttpRequest, field: KeptFilesField, name: str, errors: Sequence[str]) -> HttpResponseBase:
    kept_files = [kept_file(file, field.owner) for file in field.found]
    context = {"name": name, "kept": kept_files, "errors": errors if field.found or request.FILES else []}
    return render(request, "otklik/_kept_files.html", context, status=200)

"""Canned answers of a desk and of a person: their lists, making, changing, deleting and restoring them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.desks.commands import canned_answers as commands
from otklik.desks.models import CannedAnswer, Desk
from otklik.notify.texts.answer_placeholders import field_places
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.tickets.answers.files import owner_of
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.canned_answers import PLACES, files_of
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.canned_answer import MINE, CannedAnswerForm, initial_of
from otklik.workspace.pages.canned_answers import folder_names, folders_of, removed_rows
from otklik.workspace.view_access import actor_of, for_agents, for_leads, person_of
from otklik.workspace.views.settings import show_settings


@for_leads("GET")
def desk_answers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The desk's answers by folder, and those deleted of late."""
    removed = commands.removed_canned_answers(timezone.now(), desk=desk)
    return show_settings(
        request,
        desk,
        "settings_canned",
        "workspace/settings/canned.html",
        folders=folders_of(CannedAnswer.objects.filter(desk=desk)),
        removed=removed_rows(removed, request.GET.get("deleted", "")),
    )


@for_agents("GET")
def own_answers(request: HttpRequest) -> HttpResponse:
    """The reader's own answers by folder, and those deleted of late."""
    person = person_of(request)
    removed = commands.removed_canned_answers(timezone.now(), owner=person)
    context = {
        "folders": folders_of(CannedAnswer.objects.filter(owner=person)),
        "removed": removed_rows(removed, request.GET.get("deleted", "")),
        "led": [desk for desk in standing(request).desks if desk.pk in standing(request).led],
    }
    return render(request, "workspace/canned_own.html", context)


@for_agents("GET", "POST")
@takes_files
def add(request: HttpRequest) -> HttpResponse:
    """A further answer, for oneself or for a desk that one leads (`for`: its key); `text`: what it begins with."""
    stands = standing(request)
    led = [desk for desk in stands.desks if desk.pk in stands.led]
    initial = {"whose": request.GET.get("for", MINE), f"text_{request.LANGUAGE_CODE}": request.GET.get("text", "")}
    form = _form(request, desks=led, initial=initial)
    key = str(form["whose"].value() or MINE) if "whose" in form.fields else MINE
    desk = next((desk for desk in led if desk.key == key), None)
    return _edited(request, form, desk, None)


@for_agents("GET", "POST")
@takes_files
def edit(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Another name, folder, other texts or files."""
    answer = changeable(request, answer_id)
    form = _form(request, desks=None, initial=initial_of(answer), kept=files_of(answer))
    return _edited(request, form, answer.desk, answer)


@for_agents("POST")
def remove(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Delete an answer. The list that follows offers to take it back."""
    answer = changeable(request, answer_id)
    commands.remove_canned_answer(actor=actor_of(request), at=timezone.now(), answer=answer)
    return redirect(f"{_list_url(answer.desk)}?{urlencode({'deleted': answer.pk})}")


@for_agents("POST")
def restore(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Bring a deleted answer back."""
    answer = changeable(request, answer_id, removed=True)
    try:
        commands.restore_canned_answer(actor=actor_of(request), at=timezone.now(), answer=answer)
        messages.success(request, _("The canned answer is there again."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(_list_url(answer.desk))


def changeable(request: HttpRequest, answer_id: int, *, removed: bool = False) -> CannedAnswer:
    """The answer, if the reader may change it, or restore it (`removed`). Raises Http404."""
    answers = CannedAnswer.with_removed if removed else CannedAnswer.objects
    answer = answers.select_related("desk").filter(pk=answer_id).first()
    if answer is None or not commands.may_change(person_of(request), answer, standing(request).led):
        raise Http404
    return answer


def _form(request: HttpRequest, **begins: Any) -> CannedAnswerForm:
    return CannedAnswerForm(request.POST or None, request.FILES or None, owner=owner_of(person_of(request)), **begins)


def _edited(
    request: HttpRequest, form: CannedAnswerForm, desk: Desk | None, answer: CannedAnswer | None
) -> HttpResponse:
    """The form, or the list once it is saved; 422 with everything typed where it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, desk, answer, form.values())
        except UnableTo as refusal:
            form.add_error("name", refusal_words(refusal))
        else:
            messages.success(request, _("The canned answer is saved."))
            return redirect(_list_url(desk))
    beside = CannedAnswer.objects.filter(desk=desk) if desk else CannedAnswer.objects.filter(owner=person_of(request))
    places = [*PLACES, *(field_places(BY_NAME["comment"], desk) if desk else [])]
    context = {
        "form": form,
        "answer": answer,
        "desk": desk,
        "back": _list_url(desk),
        "places": [{"written": f"{{{place.name}}}", "about": place.about} for place in places],
        "folders": folder_names(beside),
    }
    return render(request, "workspace/canned_form.html", context, status=422 if request.method == "POST" else 200)


def _save(request: HttpRequest, desk: Desk | None, answer: CannedAnswer | None, values: dict[str, Any]) -> None:
    actor, at = actor_of(request), timezone.now()
    if answer is None:
        commands.add_canned_answer(actor=actor, at=at, desk=desk, values=values)
    else:
        commands.change_canned_answer(actor=actor, at=at, answer=answer, values=values)


def _list_url(desk: Desk | None) -> str:
    return reverse("workspace:settings_canned", args=[desk.key]) if desk else reverse("workspace:own_canned_answers")

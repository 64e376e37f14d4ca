"""Canned answers as a file: all of a desk, or the reader's own, to get and to bring in."""

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.desks.commands import canned_answers as commands
from otklik.desks.models import CannedAnswer, Desk
from otklik.ui.downloads import generated_file
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.canned_answer import CannedAnswerForm
from otklik.workspace.view_access import actor_of, for_agents, for_leads, person_of

LONGEST_FILE = 4_000_000
_LIST = "canned_answers"


@for_leads("GET", "POST")
@takes_files
def desk_file(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """GET: the desk's answers as a JSON file. POST: bring in those of a file."""
    if request.method != "POST":
        return _download(CannedAnswer.objects.filter(desk=desk), f"canned-answers-{desk.key}.json")
    _bring_in(request, desk)
    return redirect("workspace:settings_canned", key=desk.key)


@for_agents("GET", "POST")
@takes_files
def own_file(request: HttpRequest) -> HttpResponseBase:
    """The same for the reader's own answers."""
    if request.method != "POST":
        return _download(CannedAnswer.objects.filter(owner=person_of(request)), "canned-answers.json")
    _bring_in(request, None)
    return redirect("workspace:own_canned_answers")


def _download(answers: QuerySet[CannedAnswer], name: str) -> HttpResponseBase:
    entries = [
        {
            "folder": answer.folder,
            "name": answer.name,
            "texts": {language: parts.get("text", "") for language, parts in answer.texts.items()},
        }
        for answer in answers.order_by("folder", "name", "id")
    ]
    return generated_file(data=json.dumps({_LIST: entries}, ensure_ascii=False, indent=2).encode(), name=name)


def _bring_in(request: HttpRequest, desk: Desk | None) -> None:
    """All of the file or nothing: the first mistake is told by its number in the file."""
    try:
        forms = [_checked(number, entry) for number, entry in enumerate(_entries(request), 1)]
        with transaction.atomic():
            kept = [_keep(request, desk, number, form) for number, form in enumerate(forms, 1)]
    except _UnreadableFile as mistake:
        messages.error(request, str(mistake))
        return
    added, changed = kept.count("added"), kept.count("changed")
    said = [
        ngettext("%(n)d answer is new.", "%(n)d answers are new.", added) % {"n": added} if added else "",
        ngettext("%(n)d has new texts.", "%(n)d have new texts.", changed) % {"n": changed} if changed else "",
    ]
    messages.success(request, " ".join(filter(None, said)) or _("Nothing was changed."))


class _UnreadableFile(Exception):
    """The file cannot be brought in; says why in the reader's language."""


def _entries(request: HttpRequest) -> list[Any]:
    file = request.FILES.get("file")
    if file is None:
        raise _UnreadableFile(_("Choose a file first."))
    if (file.size or 0) > LONGEST_FILE:
        raise _UnreadableFile(_("This file is too large for canned answers."))
    try:
        entries = json.loads(file.read())[_LIST]
    except (ValueError, RecursionError, KeyError, TypeError):
        entries = None
    if not isinstance(entries, list):
        raise _UnreadableFile(_("This is no file of canned answers: get one here to see how it looks."))
    return entries


def _checked(number: int, entry: Any) -> CannedAnswerForm:
    given = entry if isinstance(entry, dict) else {}
    texts = given.get("texts")
    data = {name: given.get(name) for name in ("name", "folder")}
    if isinstance(texts, dict):
        data |= {f"text_{language}": text for language, text in texts.items()}
    if not all(value is None or isinstance(value, str) for value in data.values()):
        data = {}
    form = CannedAnswerForm(data, desks=None, owner="")
    if not form.is_valid():
        first = next(error for errors in form.errors.values() for error in errors)
        raise _UnreadableFile(_("Answer %(number)d of the file: %(why)s") % {"number": number, "why": first})
    return form


def _keep(request: HttpRequest, desk: Desk | None, number: int, form: CannedAnswerForm) -> str:
    actor, at, values = actor_of(request), timezone.now(), form.values()
    del values["files"]  # the file has none, and an answer keeps its own
    owner = None if desk else person_of(request)
    answer = CannedAnswer.objects.filter(desk=desk, owner=owner, folder=values["folder"], name=values["name"]).first()
    try:
        if answer is None:
            commands.add_canned_answer(actor=actor, at=at, desk=desk, values=values)
            return "added"
        return "changed" if commands.change_canned_answer(actor=actor, at=at, answer=answer, values=values) else "same"
    except UnableTo as refusal:
        why = refusal_words(refusal)
        raise _UnreadableFile(_("Answer %(number)d of the file: %(why)s") % {"number": number, "why": why}) from refusal

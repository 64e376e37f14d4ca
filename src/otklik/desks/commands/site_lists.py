"""Change the lists that all desks share: resolutions and issue types. For site administrators."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max

from otklik.core.errors import UnableTo
from otklik.core.locks import lock_all, lock_word
from otklik.desks.events import IssueTypesChanged, ResolutionsChanged
from otklik.desks.models import IssueType, Resolution
from otklik.desks.refusals import DeskRefusal
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.refusals import PersonRefusal

Entry = TypeVar("Entry", Resolution, IssueType)
NAME_LENGTH = 60


class UnableToChangeList(UnableTo):
    """The list is left unchanged; the refusal code says why."""


def add_entry(
    *, actor: Actor, at: datetime, table: type[Entry], name: str, names: Mapping[str, str] | None = None
) -> Entry:
    """Add an entry, last in order. `names`: translations of its name. Raises UnableToChangeList."""
    with transaction.atomic():
        _require_admin(actor, table)
        texts = _texts(names or {})
        called = _free_name(table, name)
        last = table._default_manager.aggregate(last=Max("position"))["last"] or 0
        entry = table._default_manager.create(name=called, texts=texts, position=last + 1)
        _tell(actor, at, entry, {"name": None}, {"name": called, "texts": texts})
    return entry


def change_entry(
    *,
    actor: Actor,
    at: datetime,
    entry: Entry,
    name: str | None = None,
    names: Mapping[str, str] | None = None,
    archived: bool | None = None,
) -> Entry:
    """Rename, translate, archive or restore an entry; None leaves a value unchanged. Raises UnableToChangeList.

    An empty translation in `names` is removed. At least one entry must stay in use.
    """
    table = type(entry)
    with transaction.atomic():
        _require_admin(actor, table)
        entry = next(iter(lock_all(table._default_manager.filter(pk=entry.pk))))
        before = _values(entry)
        if name is not None and _clean(name) != entry.name:
            entry.name = _free_name(table, name, but=entry.pk)
        if names is not None:
            entry.texts = {
                **{code: values for code, values in entry.texts.items() if code not in names},
                **_texts(names),
            }
        if archived is not None:
            entry.archived = archived
        if entry.archived and not table._default_manager.filter(archived=False).exclude(pk=entry.pk).exists():
            raise UnableToChangeList(DeskRefusal.LAST_ENTRY)
        after: dict[str, object] = _values(entry)
        if after != before:
            entry.save(update_fields=[*after])
            _tell(actor, at, entry, before, after)
    return entry


def put_first(*, actor: Actor, at: datetime, entry: Entry) -> None:
    """Make this entry the default of new tickets, keeping the order of the others."""
    table = type(entry)
    with transaction.atomic():
        _require_admin(actor, table)
        rows = lock_all(table._default_manager.order_by("pk"))
        now = sorted(rows, key=lambda entry: (entry.position, entry.pk))
        wanted = sorted(now, key=lambda candidate: candidate.pk != entry.pk)
        if wanted == now:
            return
        for position, listed in enumerate(wanted, 1):
            listed.position = position
            listed.save(update_fields=["position"])
        _tell(actor, at, entry, {"order": [listed.pk for listed in now]}, {"order": [listed.pk for listed in wanted]})


def _values(entry: Resolution | IssueType) -> dict[str, object]:
    return {"name": entry.name, "texts": entry.texts, "archived": entry.archived}


def _require_admin(actor: Actor, table: type[Entry]) -> None:
    """Check the actor's rights, and lock the list so that concurrent changes wait."""
    if not actor.runs_site:
        raise UnableToChangeList(PersonRefusal.ADMINS_ONLY)
    lock_word(f"list of {table._meta.label}")


def _free_name(table: type[Entry], name: str, but: int = 0) -> str:
    called = _clean(name)
    if not called or len(called) > NAME_LENGTH:
        raise UnableToChangeList(DeskRefusal.NAME_LENGTH, most=NAME_LENGTH)
    if table._default_manager.filter(name__iexact=called).exclude(pk=but).exists():
        raise UnableToChangeList(DeskRefusal.ENTRY_NAME_TAKEN, name=called)
    return called


def _texts(names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    named = {language: _clean(name) for language, name in names.items() if _clean(name)}
    if any(len(name) > NAME_LENGTH for name in named.values()):
        raise UnableToChangeList(DeskRefusal.NAME_LENGTH, most=NAME_LENGTH)
    return {language: {"name": name} for language, name in named.items()}


def _clean(name: str) -> str:
    return " ".join(name.split())


def _tell(actor: Actor, at: datetime, entry: Entry, before: dict[str, object], after: dict[str, object]) -> None:
    kind = ResolutionsChanged if isinstance(entry, Resolution) else IssueTypesChanged
    record(kind(before=before, after=after), about=entry.pk, by=actor, at=at)

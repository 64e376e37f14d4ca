"""Create, change, delete and restore canned answers, and count their use.

Changes of a desk's answers are events that can be undone; nobody but their owner sees or changes personal ones. The
texts are checked by the callers, by the grammar of notify.texts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from otklik.core.locks import gone, lock, lock_first
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.models import CannedAnswer, CannedAnswerUse, Desk
from otklik.desks.refusals import DeskRefusal
from otklik.people.actor import Actor
from otklik.people.models import Person

MOST_OF_DESK = 500
MOST_OF_PERSON = 200
# For how long a deleted answer can be restored.
KEPT = timedelta(days=30)


def add_canned_answer(
    *, actor: Actor, at: datetime, values: Mapping[str, Any], desk: Desk | None = None
) -> CannedAnswer:
    """Create an answer of the desk, or the actor's own without one. `values`: folder, name, texts, files.

    Raises UnableToChangeDesk where the actor does not lead the desk, the name is taken, or there are too many.
    """
    owner = _person(actor) if desk is None else None
    with transaction.atomic():
        if desk is not None:
            require_lead(actor, desk)
            lock(Desk, desk.pk)
        else:
            lock(Person, _person(actor).pk)
        beside = CannedAnswer.objects.filter(desk=desk, owner=owner)
        _refuse_taken(beside, values, MOST_OF_PERSON if desk is None else MOST_OF_DESK)
        if desk is None:
            return CannedAnswer.objects.create(owner=owner, **values)
        answer = CannedAnswer.objects.create(desk=desk, folder=values["folder"], name=values["name"])
        change_row(actor=actor, at=at, desk=desk, thing="canned_answer", row=answer, values=values)
    return answer


def change_canned_answer(*, actor: Actor, at: datetime, answer: CannedAnswer, values: Mapping[str, Any]) -> bool:
    """Give the answer these values (folder, name, texts, files; the others stay); returns whether anything changed.

    Raises UnableToChangeDesk, and Gone where it was deleted meanwhile.
    """
    with transaction.atomic():
        _require(actor, answer)
        answer = lock(CannedAnswer, answer.pk)
        if (values["folder"], values["name"]) != (answer.folder, answer.name):
            _refuse_taken(_beside(answer), values)
        return _save(actor, at, answer, values)


def remove_canned_answer(*, actor: Actor, at: datetime, answer: CannedAnswer) -> None:
    """Delete the answer; it can be restored for KEPT, after which it goes for ever (worker.cleanup).

    Raises UnableToChangeDesk, and Gone where it was deleted meanwhile.
    """
    with transaction.atomic():
        _require(actor, answer)
        answer = lock(CannedAnswer, answer.pk)
        _save(actor, at, answer, {"removed_at": at.isoformat()})


def restore_canned_answer(*, actor: Actor, at: datetime, answer: CannedAnswer) -> None:
    """Bring a deleted answer back, with its counts; no change to one that is not deleted.

    Raises UnableToChangeDesk where another has its name or there are too many, and Gone where it is gone for ever.
    """
    with transaction.atomic():
        _require(actor, answer)
        removed = lock_first(CannedAnswer.with_removed.filter(pk=answer.pk))
        if removed is None:
            raise gone()
        if removed.removed_at is not None:
            most = MOST_OF_PERSON if removed.desk_id is None else MOST_OF_DESK
            _refuse_taken(_beside(removed), {"folder": removed.folder, "name": removed.name}, most)
            _save(actor, at, removed, {"removed_at": None})


def removed_canned_answers(
    at: datetime, *, desk: Desk | None = None, owner: Person | None = None
) -> QuerySet[CannedAnswer]:
    """Answers of the desk, or of the person, that can be restored; the last deleted first."""
    answers = CannedAnswer.with_removed.filter(desk=desk, owner=owner, removed_at__gte=at - KEPT)
    return answers.order_by("-removed_at", "-id")


def note_use(*, actor: Actor, at: datetime, answer: CannedAnswer) -> None:
    """Count that the actor inserted the answer. Who may see the answer is checked by the caller."""
    person = _person(actor)
    used = CannedAnswerUse.objects.filter(answer=answer, person=person)
    if used.update(times=F("times") + 1, used_at=at):
        return
    # Two first uses at once: the row of the other, when this waits for it, is counted up as any.
    new = CannedAnswerUse(answer=answer, person=person, times=0, used_at=at)
    CannedAnswerUse.objects.bulk_create([new], ignore_conflicts=True)
    used.update(times=F("times") + 1, used_at=at)


def may_change(person: Person, answer: CannedAnswer, led: set[int]) -> bool:
    """Return whether the person may change the answer; `led`: ids of the desks that they lead."""
    return answer.owner_id == person.pk if answer.desk_id is None else answer.desk_id in led


def _require(actor: Actor, answer: CannedAnswer) -> None:
    if answer.desk is not None:
        require_lead(actor, answer.desk)
    elif answer.owner_id != _person(actor).pk:
        raise UnableToChangeDesk(DeskRefusal.CANNED_ANSWER_OF_OTHERS)


def _person(actor: Actor) -> Person:
    if actor.person is None:
        raise UnableToChangeDesk(DeskRefusal.CANNED_ANSWER_OF_OTHERS)
    return actor.person


def _save(actor: Actor, at: datetime, answer: CannedAnswer, values: Mapping[str, Any]) -> bool:
    if answer.desk is not None:
        return change_row(actor=actor, at=at, desk=answer.desk, thing="canned_answer", row=answer, values=values)
    given = dict(values)
    if given.get("removed_at"):
        given["removed_at"] = datetime.fromisoformat(given["removed_at"])
    changed = [name for name, value in given.items() if getattr(answer, name) != value]
    for name in changed:
        setattr(answer, name, given[name])
    if changed:
        answer.save(update_fields=changed)
    return bool(changed)


def _beside(answer: CannedAnswer) -> QuerySet[CannedAnswer]:
    """The other answers of the same desk or person."""
    return CannedAnswer.objects.filter(desk=answer.desk_id, owner=answer.owner_id).exclude(pk=answer.pk)


def _refuse_taken(beside: QuerySet[CannedAnswer], values: Mapping[str, Any], most: int = 0) -> None:
    if beside.filter(folder=values["folder"], name=values["name"]).exists():
        raise UnableToChangeDesk(DeskRefusal.CANNED_ANSWER_NAME_TAKEN)
    if most and beside.count() >= most:
        raise UnableToChangeDesk(DeskRefusal.CANNED_ANSWERS_TOO_MANY, most=most)

"""A deleted canned answer comes back."""

import pytest

from otklik.core.locks import Gone
from otklik.desks.commands import canned_answers
from otklik.desks.commands.canned_answers import (
    add_canned_answer,
    note_use,
    remove_canned_answer,
    removed_canned_answers,
    restore_canned_answer,
)
from otklik.desks.models import CannedAnswer
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values


def test_it_comes_back_with_its_counts_where_nobody_took_its_name(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    note_use(**by(cast.agent), answer=answer)
    remove_canned_answer(**by(cast.lead), answer=answer)
    assert [removed.pk for removed in removed_canned_answers(LATER, desk=cast.desk)] == [answer.pk]
    with refuses("desk.leads_only"):
        restore_canned_answer(**by(cast.agent), answer=answer)
    second = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    with refuses("desk.canned_answer_name_taken"):
        restore_canned_answer(**by(cast.lead), answer=answer)
    remove_canned_answer(**by(cast.lead), answer=second)
    with tells("desk.changed"), locks(CannedAnswer):
        restore_canned_answer(**by(cast.lead), answer=answer)
    with tells():
        restore_canned_answer(**by(cast.lead), answer=answer)
    assert CannedAnswer.objects.get(name="Доступ").uses.get(person=cast.agent).times == 1


def test_ones_own_is_restored_by_oneself_while_there_is_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = add_canned_answer(**by(cast.agent), values=values("Мой"))
    remove_canned_answer(**by(cast.agent), answer=answer)
    with refuses("desk.canned_answer_of_others"):
        restore_canned_answer(**by(cast.lead), answer=answer)
    monkeypatch.setattr(canned_answers, "MOST_OF_PERSON", 1)
    other = add_canned_answer(**by(cast.agent), values=values("Ещё"))
    with refuses("desk.canned_answers_too_many"):
        restore_canned_answer(**by(cast.agent), answer=answer)
    remove_canned_answer(**by(cast.agent), answer=other)
    restore_canned_answer(**by(cast.agent), answer=answer)
    assert CannedAnswer.objects.get(owner=cast.agent).pk == answer.pk


def test_what_is_gone_for_ever_is_told(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.agent), values=values("Мой"))
    CannedAnswer.objects.filter(pk=answer.pk).delete()
    with pytest.raises(Gone):
        restore_canned_answer(**by(cast.agent), answer=answer)

"""A canned answer gets another name, folder or other texts."""

import pytest

from otklik.core.locks import Gone
from otklik.desks.commands.canned_answers import add_canned_answer, change_canned_answer, remove_canned_answer
from otklik.desks.commands.settings import changes_of, undo
from otklik.desks.models import CannedAnswer
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values


def test_a_lead_changes_the_desks_and_the_history_takes_it_back(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Другой"))
    new = values("Доступ", texts={"en": {"text": "Hello!"}})
    with tells("desk.changed"), locks(CannedAnswer):
        assert change_canned_answer(**by(cast.lead), answer=answer, values=new)
    with tells():
        assert not change_canned_answer(**by(cast.lead), answer=answer, values=new)
    answer.refresh_from_db()
    assert answer.texts == {"en": {"text": "Hello!"}}
    with refuses("desk.canned_answer_name_taken"):
        change_canned_answer(**by(cast.lead), answer=answer, values=values("Другой"))
    with refuses("desk.leads_only"):
        change_canned_answer(**by(cast.agent), answer=answer, values=values("Мой теперь"))
    undo(**by(cast.lead), desk=cast.desk, event_id=changes_of(cast.desk).order_by("-id")[0].pk)
    answer.refresh_from_db()
    assert answer.texts == {"ru": {"text": "Здравствуйте!"}}


def test_ones_own_is_changed_by_oneself_and_a_deleted_one_by_nobody(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.agent), values=values("Доступ"))
    with refuses("desk.canned_answer_of_others"):
        change_canned_answer(**by(cast.admin), answer=answer, values=values("Чужой"))
    with tells():
        assert change_canned_answer(**by(cast.agent), answer=answer, values=values("Архив", folder="Часто"))
    answer.refresh_from_db()
    assert (answer.name, answer.folder) == ("Архив", "Часто")
    remove_canned_answer(**by(cast.agent), answer=answer)
    with pytest.raises(Gone):
        change_canned_answer(**by(cast.agent), answer=answer, values=values("Снова"))

"""A canned answer is deleted."""

from datetime import timedelta

from otklik.desks.commands.canned_answers import KEPT, add_canned_answer, remove_canned_answer
from otklik.desks.models import CannedAnswer
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values


def test_who_may_change_it_deletes_it(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    own = add_canned_answer(**by(cast.agent), values=values("Мой"))
    with refuses("desk.leads_only"):
        remove_canned_answer(**by(cast.agent), answer=answer)
    with refuses("desk.canned_answer_of_others"):
        remove_canned_answer(**by(cast.lead), answer=own)
    with tells("desk.changed"), locks(CannedAnswer):
        remove_canned_answer(**by(cast.lead), answer=answer)
    with tells():
        remove_canned_answer(**by(cast.agent), answer=own)
    assert not CannedAnswer.objects.exists() and CannedAnswer.with_removed.filter(removed_at=LATER).count() == 2


def test_what_was_deleted_long_ago_goes_for_ever_with_the_next_of_the_same_desk_or_person(cast: Cast) -> None:
    desks = [add_canned_answer(**by(cast.lead), desk=cast.desk, values=values(name)) for name in ("Старый", "Новый")]
    others = [
        add_canned_answer(**by(cast.lead), values=values("Мой")),
        add_canned_answer(**by(cast.admin), desk=cast.other_desk, values=values("Чужой")),
    ]
    old = [desks[0].pk, *(answer.pk for answer in others)]
    CannedAnswer.objects.filter(pk__in=old).update(removed_at=LATER - KEPT - timedelta(minutes=1))
    remove_canned_answer(**by(cast.lead), answer=desks[1])
    left = set(CannedAnswer.with_removed.values_list("pk", flat=True))
    assert left == {desks[1].pk, *(answer.pk for answer in others)}

"""A further canned answer, of a desk or of a person."""

from otklik.desks.commands import canned_answers
from otklik.desks.commands.canned_answers import add_canned_answer
from otklik.desks.models import CannedAnswer, Desk
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values


def test_a_lead_adds_one_for_the_desk(cast: Cast) -> None:
    with tells("desk.changed"), locks(Desk):  # of two at once the second sees the first one's name, and counts it
        answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ", folder="Часто"))
    answer.refresh_from_db()
    assert (answer.desk, answer.owner, answer.folder) == (cast.desk, None, "Часто")
    assert answer.texts == {"ru": {"text": "Здравствуйте!"}}
    with refuses("desk.canned_answer_name_taken"):
        add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ", folder="Часто"))
    add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ", folder="Редко"))
    for person in (cast.agent, cast.agent_elsewhere, cast.anna):
        with refuses("desk.leads_only"):
            add_canned_answer(**by(person), desk=cast.desk, values=values("Чужой"))


def test_an_agent_adds_ones_own_under_names_of_their_own(cast: Cast) -> None:
    with tells(), locks(Person):
        answer = add_canned_answer(**by(cast.agent), values=values("Доступ"))
    assert (answer.owner, answer.desk) == (cast.agent, None)
    add_canned_answer(**by(cast.lead), values=values("Доступ"))
    with refuses("desk.canned_answer_name_taken"):
        add_canned_answer(**by(cast.agent), values=values("Доступ"))
    with refuses("desk.canned_answer_of_others"):
        add_canned_answer(**by(), values=values("Ничей"))


def test_nobody_and_no_desk_has_more_than_so_many(cast: Cast) -> None:
    own, of_desk = canned_answers.MOST_OF_PERSON, canned_answers.MOST_OF_DESK
    CannedAnswer.objects.bulk_create(CannedAnswer(owner=cast.agent, name=f"№ {number}") for number in range(own))
    CannedAnswer.objects.bulk_create(CannedAnswer(desk=cast.desk, name=f"№ {number}") for number in range(of_desk))
    with refuses("desk.canned_answers_too_many"):
        add_canned_answer(**by(cast.agent), values=values("Ещё"))
    with refuses("desk.canned_answers_too_many"):
        add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Ещё"))
    add_canned_answer(**by(cast.lead), values=values("Ещё"))

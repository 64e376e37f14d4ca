"""Errors in JQL are shown at their position, by the field as written, with the nearest known name."""

import pytest

from otklik.desks.models import CustomField
from otklik.people.models import Organization
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.parse import DEEPEST, MOST_CONDITIONS, parse
from otklik.workspace.pages.issues import Mistake
from tests.cast import Cast, as_

# A text, with what is marked as wrong between brackets of its own, and what the sentence says.
MISTAKES = [
    ("⟦исполнител⟧ = currentUser()", "«исполнитель»"),
    ("⟦assigne⟧ is EMPTY", "«assignee»"),
    ("project = ACCREDO AND ⟦cnfnec⟧ = Open", "«статус»"),
    ("⟦ыефегы⟧ = Open", "«status»"),
    ("⟦Раён⟧ = 1", "«Район»"),
    ("статус = ⟦Открытй⟧", "«Открытый»"),
    ("статус in (Закрыт, ⟦Открытй⟧)", "«статус»"),
    ('статус = ⟦"В роботе"⟧ OR статус = Закрыт', "«В работе»"),
    ("статус = ⟦jnrhsnsq⟧", "«Открытый»"),
    ("исполнитель = ⟦Глеп⟧", "«исполнитель»"),
    ('исполнитель = ⟦"Глеб Арлов"⟧', "«Глеб Орлов»"),
    ("reporter = ⟦anna@clinik.test⟧", "anna@clinic.test"),
    ('организации = ⟦"Клинека"⟧', "«Клиника»"),
    ("категория = ⟦готова⟧", "«готово»"),
    ("канал = ⟦почто⟧", "«почта»"),
    ("исполнитель = ⟦curentUser()⟧", "currentUser()"),
    ("создано > ⟦startOfDey()⟧", "startOfDay()"),
    ("создано > ⟦вчера⟧", "startOfDay(-1)"),
    ("создано > ⟦29.11.2026⟧", "2026-11-29"),
    ("создано > ⟦29/11/2026⟧", "2026-11-29"),
    ("создано > ⟦11/29/2026⟧", "2026-11-29"),
    ("создано > ⟦1.2.26⟧", "2026-02-01"),
    ("создано > ⟦31.11.2026⟧", "не дата"),
    ("статус ⟦==⟧ Открытый", "=?"),
    ("статус⟦<>⟧Открытый", "!="),
    ("приоритет ⟦=>⟧ Высокий", ">="),
    ("тема ⟦=~⟧ принтер", "~"),
    ("оценка > ⟦много⟧", "«много»"),
    ("ORDER BY ⟦приорите⟧", "«приоритет»"),
    ("статус was ⟦Открытй⟧", "«Открытый»"),
    ("статус changed BY ⟦Глеп⟧", "«Глеп»"),
    ("исполнитель in membersOf(⟦ACREDO⟧)", "Нет группы «ACREDO». Может быть, «ACCREDO»?"),
    ("исполнитель in membersOf(⟦агенгы⟧)", "«агенты»"),
    ('исполнитель in membersOf(⟦"Вторая линия"⟧)', "ключ или название службы"),
    ("заявитель in organizationMembers(⟦Клинека⟧)", "Нет организации «Клинека». Может быть, «Клиника»?"),
    ('key in updatedBy(⟦"Глеб Арлов"⟧)', "Никого не зовут «Глеб Арлов». Может быть, «Глеб Орлов»?"),
    ("статус = ⟦'Откр⟧", "Кавычка"),
    ("статус ⟦Открытый⟧", "«статус»"),
    ("статус = Открытый ⟦исполнитель⟧ = я", "«исполнитель»"),
    (" OR ".join(["метки = x"] * MOST_CONDITIONS) + " OR ⟦статус⟧ = Закрыт", str(MOST_CONDITIONS)),
    ("(" * DEEPEST + "⟦(⟧статус = Закрыт" + ")" * (DEEPEST + 1), str(DEEPEST)),
]


@pytest.mark.parametrize(("marked", "says"), MISTAKES)
def test_a_mistake_is_marked_and_the_nearest_name_is_said(cast: Cast, marked: str, says: str) -> None:
    CustomField.objects.create(number=10_701, desk=cast.desk, name="Район", kind="choice")
    Organization.objects.create(name="Клиника")
    page = as_(cast.agent).get("/issues/", {"jql": marked.replace("⟦", "").replace("⟧", "")})
    mistake: Mistake = page.context["page"].mistake
    assert page.status_code == 422
    assert f"{mistake.before}⟦{mistake.word}⟧{mistake.after}" == marked and says in mistake.words


def test_ab_47_the_nearest_name_is_none_that_the_reader_may_not_know(cast: Cast) -> None:
    CustomField.objects.create(number=10_701, desk=cast.desk, name="Район", kind="choice")
    for text, secret in (("заявитель = Степа", "Степан"), ("заявитель = Онна", "Анна"), ("Раён = 1", "Район")):
        page = as_(cast.agent_elsewhere).get("/issues/", {"jql": text})
        assert secret not in page.context["page"].mistake.words, text


def test_what_is_too_deep_by_opposites_is_marked_where_it_is(cast: Cast) -> None:
    with pytest.raises(BadJql) as refused:
        parse("!" * (DEEPEST + 1) + "a = b")
    assert refused.value.at == DEEPEST

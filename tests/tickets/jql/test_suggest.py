"""Completions at the cursor, written "|" in these texts."""

from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.desks.models import CustomField
from otklik.desks.models import Field as FormField
from otklik.people.models import Person
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.suggest import Suggestions, suggest
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.tickets.jql.world import NOW


def offered(marked: str, person: Person | None, language: str = "ru") -> Suggestions:
    at = marked.index("|")
    with translation.override(language):
        return suggest(marked.replace("|", ""), at, Asker(person, NOW))


def labels(marked: str, person: Person | None, language: str = "ru") -> list[str]:
    return [option.label for option in offered(marked, person, language).options]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("исп|", ["исполнитель"]),
        ("assig|", ["assignee"]),
        ("project = ACCREDO AND рез|", ["резолюция"]),
        ("status |", ["=", "!=", "in", "not in", "is EMPTY", "is not EMPTY", "was", "changed"]),
        ("created > start|", ["startOfDay()", "startOfWeek()", "startOfMonth()", "startOfYear()"]),
        ("summary |", ["~", "!~", "is EMPTY", "is not EMPTY"]),
        ("status = в|", ["В работе"]),
        ("status = |", ["Открытый", "В работе", "Ожидание ответа заявителя", "Закрыт", "EMPTY"]),
        ("status = ope|", ["Open"]),
        ('status in (Закрыт, "ожид|', ["Ожидание ответа заявителя"]),
        ("status in (Закрыт, «ожид|", ["Ожидание ответа заявителя"]),
        ("status = “В работе” |", ["AND", "OR", "ORDER BY"]),
        ("status = Закрыт |", ["AND", "OR", "ORDER BY"]),
        ("(status = Закрыт |", ["AND", "OR", ")"]),
        ("status = Закрыт o|", ["OR", "ORDER BY"]),
        ("order by созд|", ["создано", "создан"]),
        ("order by мет|", []),
        ("созд|", ["создатель", "создал", "создано", "создан"]),
        ("order by created |", ["ASC", "DESC"]),
        ("assignee = c|", ["currentUser()"]),
        ("assignee is |", ["currentUser()", "EMPTY"]),
        ("reporter = анна|", ["Анна Петрова · anna@clinic.test"]),
        ("status changed by гле|", ["Глеб Орлов · agent@desk.test"]),
        ("status changed after startOfD|", ["startOfDay()"]),
        ("status changed from отк|", ["Открытый"]),
        ("statusCategory != гот|", ["готово"]),
        ("канал = тел|", ["телефон"]),
        ("status = = |", []),
        ("cnfnec|", ["статус", "категория статуса"]),
        ("ыефегы|", ["status", "statusCategory"]),
        ("status = jnr|", ["Открытый"]),
        ("reporter = fyyf|", ["Анна Петрова · anna@clinic.test"]),
        ("created < endOfM|", ["endOfMonth()"]),
        ("assignee in mem|", ["membersOf()"]),
        ("assignee in membersOf(acc|", ["ACCREDO"]),
        ("assignee in membersOf(рук|", ["руководители"]),
        ("assignee in membersOf(ACCREDO|", []),
        ("assignee in membersOf(ACCREDO |", [")"]),
        ("created > startOfDay(|", ["-1", "+1", ")"]),
        (
            "approvals = |",
            ["pending()", "approved()", "myPending()", "myApproval()", "pendingBy()", "approver()", "EMPTY"],
        ),
        ("approvals = pendingBy(анна|", ["Анна Петрова · anna@clinic.test"]),
        ("status in |", ["("]),
        ("key in li|", ["linkedIssues()"]),
        ("key in upd|", ["updatedBy()"]),
        ("key in updatedBy(cur|", ["currentUser()"]),
    ],
)
def test_what_may_come_next(cast: Cast, marked: str, expected: list[str]) -> None:
    assert labels(marked, cast.agent) == expected


def test_fields_of_forms_and_their_options_are_offered(cast: Cast) -> None:
    _form_field(
        cast, 10_701, "Район", "choice", [{"id": 1, "label": "Север"}, {"id": 2, "label": "Юг", "archived": True}]
    )
    _form_field(cast, 10_702, "Гарантия", "checkbox", [])
    assert labels("рай|", cast.agent) == ["Район"]
    assert labels("Район = |", cast.agent) == ["Север", "EMPTY"]
    assert labels("cf[10701] = сев|", cast.agent) == ["Север"]
    assert labels("Гарантия = |", cast.agent) == ["да", "нет", "EMPTY"]
    assert labels("order by рай|", cast.agent) == []
    _form_field(cast, 10_703, "район", "text", [])
    assert labels("рай|", cast.agent) == ["Район · cf[10701]", "район · cf[10703]"]
    assert [option.insert for option in offered("рай|", cast.agent).options] == ["cf[10701]", "cf[10703]"]


def test_ab_47_fields_of_other_desks_are_not_offered(cast: Cast) -> None:
    _form_field(cast, 10_701, "Район", "choice", [{"id": 1, "label": "Север"}])
    assert labels("рай|", cast.agent_elsewhere) == labels("рай|", cast.anna) == []


def _form_field(cast: Cast, number: int, name: str, kind: str, options: list[dict[str, Any]]) -> None:
    custom = CustomField.objects.create(number=number, desk=cast.desk, name=name, kind=kind)
    request_type = cast.desk.request_types.order_by("pk").first()
    assert request_type is not None
    FormField.objects.create(
        request_type=request_type, custom=custom, key=custom.key, kind=kind, label=name, options=options, position=90
    )


def test_labels_in_use_are_offered(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(labels=["vip", "branch-2"])
    assert labels("метки = v|", cast.agent) == ["vip"]
    assert labels("метки = |", cast.agent) == ["branch-2", "vip", "EMPTY"]
    assert labels("метки = |", cast.agent_elsewhere) == ["EMPTY"]


def test_at_the_beginning_fields_stand_in_the_reader_s_language(cast: Cast) -> None:
    assert labels("|", cast.agent)[:3] == ["проект", "ключ", "тип"]
    assert labels("|", cast.agent, "en")[:3] == ["project", "key", "issuetype"]
    assert "summary" in labels("|", cast.anna, "en") and "priority" not in labels("|", cast.anna, "en")


def test_a_value_with_blanks_is_put_in_quotation_marks_in_place_of_what_is_typed(cast: Cast) -> None:
    found = offered('status = "в ра|', cast.agent)
    assert (found.begin, [option.insert for option in found.options]) == (9, ['"В работе"'])
    assert offered("status = закр| AND x", cast.agent).begin == 9


def test_ab_47_what_the_asker_may_not_know_is_not_offered(cast: Cast) -> None:
    assert labels("assig|", cast.anna) == [] and labels("labels|", cast.anna) == []
    assert labels("reporter = степ|", cast.anna) == labels("reporter = степ|", cast.agent) == []
    assert labels("reporter = степ|", cast.admin) == ["Степан Чужой · stranger@elsewhere.test"]
    assert labels("project = |", cast.stranger) == ["EMPTY"]
    assert labels("reporter = а|", cast.agent) == []  # one letter leafs through a directory
    assert labels("reporter = анна|", cast.agent) != []
    cast.anna.is_active = False
    cast.anna.save(update_fields=["is_active"])
    assert labels("reporter = анна|", cast.agent) == [], "switched off"


@pytest.mark.parametrize(
    "marked", ["status = В|", "reporter = анн|", "project = acc|", "created > -1|", "priority = кр|"]
)
def test_what_is_offered_can_be_asked(cast: Cast, marked: str) -> None:
    found = offered(marked, cast.agent)
    assert found.options
    for option in found.options:
        find(parse(marked[: found.begin] + option.insert), Asker(cast.agent, NOW)).exists()


_TEXTS = st.lists(
    st.sampled_from([*"()\"'\\=!<>~, |\0ё", "status", "in", "=", "and", "order by", "не", "was", "(", "by", "x"]),
    max_size=12,
).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS, at=st.integers(-3, 60))
def test_any_text_and_place_give_an_answer(cast: Cast, text: str, at: int) -> None:
    found = suggest(text, at, Asker(cast.agent, NOW))
    assert 0 <= found.begin <= len(text)
    assert [option for option in found.options[:2] if not _can_stand(text[: found.begin], option.insert)] == []


def _can_stand(before: str, word: str) -> bool:
    """Return whether the text is valid up to and including the word."""
    try:
        parse(before + word)
    except BadJql as refused:
        return refused.at >= len(before)
    return True

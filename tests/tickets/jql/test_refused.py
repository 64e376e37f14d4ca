"""What JQL cannot answer is refused in one sentence with its position."""

import pytest

from otklik.desks.models import CustomField
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from tests.cast import Cast
from tests.tickets.jql.world import NOW

# A text, the place and the code.
REFUSED = {
    "assigne = x": (0, "jql.field_unknown_near"),
    "исполнител is EMPTY": (0, "jql.field_unknown_near"),
    "qwzx = 1": (0, "jql.field_unknown"),
    "cf[99999] = 1": (0, "jql.field_unknown"),
    "Sprint = 1": (0, "jql.not_supported"),
    '"Time to resolution" = breached()': (0, "jql.not_supported"),
    "status = Закры": (9, "jql.value_unknown_near"),
    "status = qwzx": (9, "jql.value_unknown"),
    "statusCategory = donne": (17, "jql.value_unknown_near"),
    "channel in (portal, qwzx)": (20, "jql.value_unknown"),
    "project = NONE or status = qwzx": (10, "jql.value_unknown"),
    "key = ACCREDO-99999": (6, "jql.value_unknown"),
    "organizations = Никто": (16, "jql.value_unknown"),
    "Branch = West": (9, "jql.value_unknown_near"),
    "Ticked = maybe": (9, "jql.value_unknown"),
    "reporter = nobody": (11, "jql.value_unknown_near"),
    "reporter in organizationMembers(Никто)": (32, "jql.organization_unknown"),
    "assignee in membersOf(qwzx)": (22, "jql.group_unknown"),
    "assignee in membersOf(agennts)": (22, "jql.group_unknown_near"),
    "approvals = approver(qwzx)": (21, "jql.person_unknown"),
    "reporter = curentUser()": (11, "jql.function_unknown_near"),
    "reporter = qwzx()": (11, "jql.function_unknown"),
    "reporter = now()": (11, "jql.function_not_here"),
    "reporter = me": (11, "jql.value_unknown_near"),
    "reporter = currentUser": (11, "jql.value_unknown_near"),
    "labels = x and assignee = никто": (26, "jql.value_unknown_near"),
    "key in votedIssues()": (7, "jql.not_supported"),
    "key in issueHistory()": (7, "jql.self_unknown"),
    "key in issueHistory(7)": (7, "jql.arguments_wrong"),
    "created > lastLogin()": (10, "jql.not_supported"),
    "filter = 1": (0, "jql.not_supported"),
    "key in ACCREDO-1": (7, "jql.list_expected"),
    "status was not in Открытый": (18, "jql.list_expected"),
    "ORDER BY": (8, "jql.order_expected"),
    "ORDER BY created,": (17, "jql.order_expected"),
    "AND status = Открытый": (0, "jql.field_expected"),
    "status = Открытый or or key = 1": (21, "jql.field_expected"),
    "status == Открытый": (7, "jql.operator_unknown_near"),
    "status <> Открытый": (7, "jql.operator_unknown_near"),
    "status >> Открытый": (8, "jql.not_here"),
    "key in updatedBy()": (7, "jql.arguments_wrong"),
    "key in updatedBy(qwzx)": (17, "jql.person_unknown"),
    "key in updatedBy(me)": (17, "jql.person_unknown_near"),
    "key in updatedBy(currentUser())": (17, "jql.self_unknown"),
    "status = currentUser()": (9, "jql.function_not_here"),
    "labels = now()": (9, "jql.function_not_here"),
    "key in pending()": (7, "jql.function_not_here"),
    "approvals = now()": (12, "jql.function_not_here"),
    "reporter = currentUser(x)": (11, "jql.arguments_wrong"),
    "assignee in membersOf()": (12, "jql.arguments_wrong"),
    "created > startOfDay(x)": (10, "jql.arguments_wrong"),
    "created > startOfDay(-1, -1)": (10, "jql.arguments_wrong"),
    "created > 2026-13-01": (10, "jql.not_a_date"),
    "created > yesterday": (10, "jql.not_a_date_near"),
    "created > -99999y": (10, "jql.not_a_date"),
    "created > startOfYear(99999)": (10, "jql.not_a_date"),
    "created > startOfYear(-2025)": (10, "jql.not_a_date"),
    "Seen > startOfYear(-2025)": (7, "jql.not_a_date"),
    'due < "2912075d 20h"': (6, "jql.not_a_date"),
    "satisfaction > good": (15, "jql.not_a_number"),
    "satisfaction > nan": (15, "jql.not_a_number"),
    "status > Закрыт": (0, "jql.operator_not_here"),
    "summary = Принтер": (0, "jql.operator_not_here"),
    "Device = x": (0, "jql.operator_not_here"),
    "attachments = file.txt": (14, "jql.operator_not_here"),
    "approvals = yes": (12, "jql.operator_not_here"),
    "created > EMPTY": (10, "jql.empty_not_here"),
    "summary in (EMPTY, Принтер)": (0, "jql.operator_not_here"),
    "approvals in (EMPTY, pending(), approved())": (0, "jql.operator_not_here"),
    "status changed after EMPTY": (21, "jql.empty_not_here"),
    "text ~ '--- ...'": (7, "jql.text_empty"),
    "text ~ '-printer'": (7, "jql.text_empty"),
    "text ~ '½'": (7, "jql.text_empty"),
    "summary !~ 'и не'": (11, "jql.text_empty"),
    "Device ~ ' '": (9, "jql.text_empty"),
    "text ~ '\"\"'": (7, "jql.text_empty"),
    f"text ~ '{'a ' * 21}'": (7, "jql.too_many_words"),
    "Twice = 1": (0, "jql.several_fields"),
    "text ~ '*printer'": (7, "jql.wildcard_first"),
    "text ~ pri?ter": (7, "jql.not_supported"),
    "ORDER BY labels": (9, "jql.not_sortable"),
    "ORDER BY qwzx": (9, "jql.field_unknown"),
    "created was 2026-11-01": (0, "jql.no_history"),
    "labels changed": (0, "jql.no_history"),
    "status was Закрыт FROM Открытый": (23, "jql.not_here"),
    "status changed BY nobody": (18, "jql.person_unknown"),
    "status changed AFTER -1d AFTER -2d": (31, "jql.when_twice"),
    "assignee = currentUser()": (11, "jql.self_unknown"),
}


@pytest.fixture
def fields(cast: Cast) -> None:
    for number, name, kind in (
        (10503, "Branch", "choice"),
        (10502, "Device", "text"),
        (10505, "Ticked", "checkbox"),
        (10506, "Seen", "datetime"),
        (10507, "Twice", "text"),
        (10508, "twice", "number"),
    ):
        custom = CustomField.objects.create(number=number, desk=cast.desk, name=name, kind=kind)
        options = [{"id": "1", "label": "East"}] if kind == "choice" else []
        kind_of_request = cast.desk.request_types.order_by("position")[0]
        kind_of_request.form_fields.create(custom=custom, key=custom.key, kind=kind, label=name, options=options)


def test_what_cannot_be_answered_is_refused_at_its_place(fields: None) -> None:
    told = {}
    for text in REFUSED:
        with pytest.raises(BadJql) as refused:
            find(parse(text), Asker(None, NOW)).exists()
        told[text] = (refused.value.at, refused.value.code)
    assert told == REFUSED

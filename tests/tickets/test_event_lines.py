"""Every kind of event has a class and, on a ticket, a line, also for rows stored in former formats."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

import otklik
from otklik.journal.events import TypedEvent, classes, typed
from otklik.journal.models import Event
from otklik.tickets.event_lines import LINES, line_of, status_after
from otklik.tickets.events import TicketEvent

SOURCE = Path(otklik.__file__).parent
KEY = {"key": "ACCREDO-4"}
STEP = {"before": "Открытый", "after": "Закрыт", "category": "done", "closed": True}

# What stands in the journal, as it was written before events had classes; and how the staff read it.
STORED: list[tuple[str, dict[str, Any], str]] = [
    ("ticket.opened", {"message": 7, "unverified": False}, ""),
    ("ticket.commented", {"message": 7, "kind": "public", "moved": ""}, ""),
    ("ticket.commented", {"message": 7, "kind": "public", "moved": "В работе"}, "circle-dot|Статус|→ В работе"),
    (
        "ticket.commented",
        {"message": 7, "kind": "public", "moved": "Закрыт", **STEP, "assigned": "Глеб"},
        "circle-dot|Статус|Открытый → Закрыт, исполнитель: Глеб",
    ),
    ("ticket.commented", {"message": 7, "kind": "public", "moved": "", "approval": 3}, ""),
    ("ticket.status_changed", STEP, "circle-dot|Статус|Открытый → Закрыт"),
    ("ticket.status_changed", {**STEP, "closed": False, "quiet": True}, "circle-dot|Статус|Открытый → Закрыт"),
    ("ticket.assigned", {"assignee": "Глеб"}, "user-check|Исполнитель|Глеб"),
    ("ticket.assigned", {"assignee": ""}, "user-check|Исполнитель|не назначен"),
    (
        "ticket.fields_changed",
        {"field": "priority", "before": "Низкий", "after": "Высокий"},
        "edit|Приоритет|Низкий → Высокий",
    ),
    ("ticket.fields_changed", {"field": "labels", "before": "срочно", "after": ""}, "edit|Метки|срочно → —"),
    ("ticket.fields_changed", {"field": "request_type", "before": "", "after": "Сбой"}, "edit|Тип запроса|— → Сбой"),
    (
        "ticket.change_taken_back",
        {"field": "status", "before": "Закрыт", "after": "Открытый", "former": "Глеб"},
        "arrow-back-up|Статус|Закрыт → Открытый (отменено)",
    ),
    (
        "ticket.change_taken_back",
        {"field": "assignee", "former": "Глеб"},
        "arrow-back-up|Исполнитель|Глеб → не назначен (отменено)",
    ),
    (
        "ticket.requester_changed",
        {"person": 5, "removed": True, "before": "Анна", "after": "Борис"},
        "user-check|Заявитель|Анна → Борис; участие прекращено: Анна",
    ),
    (
        "ticket.answers_changed",
        {"changes": [{"field": "room", "label": "Кабинет", "before": "", "after": "12"}]},
        "forms|Поля формы|Кабинет: — → 12",
    ),
    ("ticket.forwarded", {"message": 7, "address": "a@b.test"}, "mail-forward|Переслано|a@b.test"),
    (
        "ticket.forward_taken_back",
        {"message": 7, "address": "a@b.test"},
        "arrow-back-up|Пересылка|отменена до отправки",
    ),
    (
        "ticket.forward_answered",
        {"message": 8, "note": 7, "address": "a@b.test"},
        "mail-forward|Ответ на пересланное|a@b.test",
    ),
    ("ticket.held", {"message": 7, "claimed": "Анна"}, ""),
    ("ticket.admitted", {"message": 7}, "mail-check|Сообщение|принято"),
    ("ticket.admitted", {"message": 7, "moved": "В работе", "own": True}, "mail-check|Сообщение|принято; → В работе"),
    ("ticket.held_again", {"message": 7}, "mail-pause|Сообщение|снова задержано"),
    ("ticket.message_edited", {"message": 7, "kind": "public"}, "pencil|Сообщение|изменено автором"),
    ("ticket.message_withdrawn", {"message": 7, "kind": "internal"}, "arrow-back-up|Сообщение|отозвано автором"),
    ("ticket.message_moved", {"to": "ACCREDO-5"}, "mail-forward|Почта|перенесено в ACCREDO-5"),
    ("ticket.message_moved", {"to": ""}, "mail-forward|Почта|убрано из этого запроса"),
    (
        "mail.filed",
        {"mail": 9, "name": "Почта", "why": "", "words": "Отпуск"},
        "repeat|Ответила программа|Почта:  «Отпуск»",
    ),
    (
        "mail.undelivered",
        {"mail": 9, "address": "a@b.test", "words": "550 no"},
        "mail-x|Не доставлено|a@b.test: 550 no",
    ),
    (
        "mail.undelivered",
        {"mail": 9, "address": "a@b.test", "words": "5.1.1", "report": 8},
        "mail-x|Не доставлено|a@b.test: 5.1.1",
    ),
    (
        "mail.stopped",
        {"mail": 9, "address": "a@b.test", "words": ""},
        "mail-x|Не отправлено|a@b.test: адрес не принимает почту",
    ),
    (
        "mail.budget_exceeded",
        {"template": "accepted", "person": 5, "address": "a@b.test", "budget": "day"},
        "mail-x|Не отправлено|a@b.test: слишком много таких писем",
    ),
    ("ticket.participant_added", {"person": 5, "name": "Анна"}, "user-plus|Добавлен участник|Анна"),
    ("ticket.participant_removed", {"person": 5, "name": "Анна"}, "user-minus|Убран участник|Анна"),
    (
        "ticket.participants_added",
        {"people": [{"person": 5, "name": "Анна"}, {"person": 6, "name": "Вера"}], "mail": 9},
        "user-plus|Указаны в письме, поэтому подключены|Анна, Вера",
    ),
    (
        "ticket.newcomers_left",
        {"addresses": ["a@b.test", "c@b.test"], "mail": 9},
        "alert-triangle|Слишком много новых людей, не добавлены|a@b.test, c@b.test",
    ),
    ("ticket.organization_added", {"organization": 2, "name": "Клиника"}, "building|Открыт организации|Клиника"),
    (
        "ticket.organization_removed",
        {"organization": 2, "name": "Клиника"},
        "building|Больше не открыт организации|Клиника",
    ),
    (
        "ticket.link_added",
        {"link": "blocks", "way": "in", "other": "ACCREDO-5", "other_id": 5},
        "link|Добавлена связь|ждёт решения ACCREDO-5",
    ),
    (
        "ticket.link_removed",
        {"link": "relates", "way": "out", "other": "ACCREDO-5", "other_id": 5},
        "link|Связь убрана|связан с ACCREDO-5",
    ),
    ("ticket.alias_added", {"alias": "OLD-1"}, "link|Прежний номер|OLD-1"),
    (
        "ticket.moved",
        {"former_key": "OTHER-7", "from_desk": "Другая", "to_desk": "Аккредитация", "status": "Новый"},
        "arrow-right|Служба поддержки|Другая → Аккредитация; OTHER-7 → ACCREDO-4; Статус: Новый",
    ),
    (
        "ticket.approval_asked",
        {"approval": 3, "names": ["Анна", "Вера"], "question": "?"},
        "user-question|Согласование запрошено у|Анна, Вера",
    ),
    (
        "ticket.approval_reminded",
        {"approval": 3, "names": ["Анна", "Вера"], "question": "?"},
        "bell|Напомнили о согласовании|Анна, Вера",
    ),
    (
        "ticket.approval_answered",
        {"approval": 3, "answer": "approved", "words": "да", "name": "Анна", "settled": "approved", "moved": "Закрыт"},
        "thumb-up|Согласовано|Анна: «да»; → Закрыт",
    ),
    (
        "ticket.approval_answered",
        {"approval": 3, "answer": "declined", "words": "нет", "name": "Анна", "settled": "", "moved": ""},
        "thumb-down|Отклонено|Анна: «нет»",
    ),
    ("ticket.approval_withdrawn", {"approval": 3}, "x|Согласование|запрос отозван"),
    ("ticket.approval_restored", {"approval": 3}, "arrow-back-up|Согласование|снова запрошено, как было"),
    ("ticket.rated", {"score": 4, "words": "хорошо"}, "star|Оценка|4 из 5"),
    ("ticket.rated", {"score": 4, "words": "", "before": 2}, "star|Оценка|4 из 5"),
    ("ticket.reply_held", {"pending": 2, "due": "2026-11-30T10:00:00+00:00", "scheduled": True, "after": 7}, ""),
    ("ticket.reply_moved", {"pending": 2, "due": "2026-11-30T10:00:00+00:00"}, ""),
    ("ticket.reply_undone", {"pending": 2}, "arrow-back-up|Ответ|отменён до отправки"),
    ("ticket.reply_stayed", {"pending": 2, "why": "Закрыто"}, "alert-triangle|Ответ не отправлен|Закрыто"),
    ("ticket.muted", {}, ""),
    ("ticket.unmuted", {}, ""),
    ("ticket.rolled_back", {}, ""),
]
# The same for those that no ticket has.
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("desk.added", {"key": "ACCREDO", "address": "a@b.test"}),
    ("desk.changed", {"thing": "desk", "id": 1, "label": "A", "before": {"phone": ""}, "after": {"phone": "1"}}),
    ("desk.changed", {"thing": "field", "id": 1, "label": "A", "before": {"x": [1]}, "after": {"x": []}, "undoes": 4}),
    ("desk.address_added", {"address": "a@b.test"}),
    ("desk.role_set", {"person": 5, "role": "agent"}),
    ("desk.role_taken", {"person": 5}),
    ("desk.sample_sent", {"subject": "Проба"}),
    ("center.changed", {"before": {"announcement": "", "texts": {}}, "after": {"announcement": "!", "texts": {}}}),
    ("mail.made_request", {"mailbox": "a@b.test", "key": "ACCREDO-4", "before": ""}),
    ("mail.attached", {"mailbox": "a@b.test", "key": "ACCREDO-4", "before": "ACCREDO-5"}),
    ("mail.run_again", {"mailbox": "a@b.test", "key": "ACCREDO-4", "state": "filed", "fate": "request"}),
    ("mail.done", {"mailbox": "a@b.test", "note": "", "state": "held", "fate": "own", "reason": "r"}),
    ("mail.spam", {"mailbox": "a@b.test", "state": "held", "fate": "own", "reason": "r", "status": 3}),
    ("mail.not_spam", {"mailbox": "a@b.test", "state": "held", "fate": "own"}),
    ("mail.sender_ruled", {"pattern": "@b.test", "verdict": "block"}),
    ("mail.sender_forgotten", {"pattern": "@b.test"}),
    ("mail.reset_refused", {"why": "ours"}),
    (
        "mailbox.import_rolled_back",
        {"import": 1, "source": "s", "mails": 1, "tickets": 1, "comments": 0, "kept": 0, "failed": 0},
    ),
    *(
        (f"mailbox.{act}", {"address": "a@b.test", "host": "h", "username": "u", "folder": "INBOX"})
        for act in ("added", "kept", "removed", "paused", "resumed")
    ),
    *((f"outbox.{act}", {"recipient": "a@b.test", "ticket": "A-1"}) for act in ("hurried", "cancelled", "again")),
    ("outbox.sent_elsewhere", {"recipient": "a@b.test", "mail": 3, "ticket": "A-1"}),
    ("person.login_changed", {"before": None, "after": "anna"}),
    ("person.came_from_directory", {"source_key": "jira:1"}),
    ("outbox.restored_sent", {"mails": 3}),
    ("outbox.restored_dropped", {"mails": 3}),
    ("address.cleared", {"address": "a@b.test"}),
    *(
        (f"site.{name}_changed", {"before": {"name": None}, "after": {"name": "A"}})
        for name in ("resolutions", "issue_types")
    ),
    ("organization.added", {"name": "A", "domains": ["b.test"], "open_inside": True}),
    ("organization.changed", {"name": "A", "domains": [], "open_inside": False}),
    ("organization.member_set", {"person": 5, "sees_all": False}),
    ("organization.member_removed", {"person": 5}),
    ("person.sessions_ended", {"count": 2}),
    ("person.merged", {"address": "a@b.test", "merged": 6}),
    *((f"person.token_{act}", {"name": "n"}) for act in ("added", "revoked")),
    *(
        (f"person.{act}", {"address": "a@b.test"})
        for act in ("address_added", "address_removed", "primary_address_changed")
    ),
    *(
        (f"person.{act}", {})
        for act in (
            "address_given", "invited", "phone_added", "phone_removed", "profile_changed", "notices_changed",
            "password_changed", "password_reset", "single_sign_on_linked", "export_asked", "erasure_asked",
            "list_export_asked", "list_export_dropped",
            "erasure_taken_back", "erased", "site_role_taken", "switched_off", "switched_on",
        )
    ),
]  # fmt: skip


def line(kind: str, data: dict[str, Any], via: str = "portal") -> str:
    """Return what staff reads about the event: icon, label and text."""
    event = Event(kind=kind, data={**KEY, **data}, actor="Глеб Орлов <agent@desk.test>", at=timezone.now(), via=via)
    how = line_of(event.typed)
    with translation.override("ru"):
        said = how.staff(event.typed, event) if how.staff else None
    return "" if said is None else "|".join((how.icon_of(event.typed), *said))


@pytest.mark.parametrize(("kind", "data", "expected"), STORED)
def test_a_stored_event_is_told_as_before(kind: str, data: dict[str, Any], expected: str) -> None:
    assert line(kind, data) == expected


def test_a_request_that_an_agent_wrote_down_says_who() -> None:
    assert line("ticket.opened", {"message": 7, "unverified": False}, via="agent").endswith("|Глеб Орлов")


@pytest.mark.parametrize(("kind", "data"), [*((kind, {**KEY, **data}) for kind, data, _line in STORED), *OTHERS])
def test_nothing_of_what_is_stored_gets_lost(kind: str, data: dict[str, Any]) -> None:
    told = typed(kind, data)
    assert told.kind == kind
    missing = {name: value for name, value in data.items() if told.to_data().get(name, False) != value}
    assert missing == {}


def test_every_kind_has_been_seen_here() -> None:
    stored = {kind for kind, _data, _line in STORED} | {kind for kind, _data in OTHERS}
    assert set(classes()) == stored


def test_every_kind_that_a_ticket_can_have_has_a_line() -> None:
    assert {told for told in classes().values() if told.subject == "ticket"} == set(LINES)


@pytest.mark.parametrize("kind", sorted(classes()))
def test_an_event_that_tells_nothing_is_still_read(kind: str) -> None:
    """Fields missing in a faulty or very old row are blank, and the page is shown."""
    line(kind, {})
    status_after(typed(kind, {}))


def test_an_unknown_kind_is_told_of_nobody() -> None:
    assert line("ticket.invented", {"message": 1}) == "" and type(typed("ticket.invented", {})) is TypedEvent


def test_nobody_writes_events_but_by_their_classes() -> None:
    """`Event(...)` is constructed in one place, from a class, so every stored kind has one."""
    makers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".objects")[0] == "Event"
        if ast.unparse(node.func).rpartition(".")[2] in {"Event", "create", "bulk_create", "get_or_create"}
    }
    assert makers == {"journal/record.py"}


def test_two_classes_cannot_have_one_kind() -> None:
    with pytest.raises(TypeError, match=r"ticket\.muted"):
        type("Other", (TicketEvent,), {"kind": "ticket.muted"})


def test_readers_ask_the_classes_and_not_the_json() -> None:
    """`event.data` is for storage only: written by the journal, redacted by erasure."""
    readers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and "event.data" in path.read_text(encoding="utf-8")
    }
    assert readers == {"privacy/erase.py"}

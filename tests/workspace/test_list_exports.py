"""Export of a filter's tickets: content, progress, owner and failures."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core import blobs
from otklik.core.errors import UnableTo
from otklik.desks.models import Field, Membership
from otklik.journal.models import Event
from otklik.people.models import Organization, Person
from otklik.tickets.files_in_use import named_among
from otklik.tickets.models import ListExport, Rating, SharedOrganization, Ticket
from otklik.worker.cleanup import tidy
from otklik.workspace import export_table, list_exports
from otklik.workspace.list_exports import CLAIMED, MOST_ROWS, export_next
from otklik.workspace.refusals import WorkspaceRefusal
from tests.browser import watched_tab
from tests.cast import NOTE_CANARY, START, Cast, as_
from tests.workspace.test_issues import more_tickets

PAGE = "/issues/exports"
EVERYTHING = "key is not EMPTY ORDER BY key ASC"


def asked(who: Person, jql: str = EVERYTHING, kind: str = "csv", **words: str) -> ListExport:
    """Request an export with the page's form."""
    answer = as_(who).post(PAGE, {"jql": jql, "kind": kind, **words})
    assert answer.status_code == 302 and answer["Location"] == PAGE, answer
    return ListExport.objects.latest("pk")


def fetched(who: Person, export: ListExport) -> bytes:
    answer = as_(who).get(f"{PAGE}/{export.pk}/file")
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def lines_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def made(who: Person, jql: str = EVERYTHING, **words: str) -> list[list[str]]:
    """Return the lines of an exported file."""
    export = asked(who, jql, **words)
    assert export_next() and not export_next()
    return lines_of(fetched(who, export))


def sheet_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_columns_of_the_list_or_all_in_the_readers_language_and_zone(cast: Cast, home: Path) -> None:
    organization = Organization.objects.create(name="=Клиника")
    SharedOrganization.objects.create(ticket=cast.ticket, organization=organization, added_at=START)
    Rating.objects.create(ticket=cast.ticket, person=cast.anna, score=4, rated_at=START)
    Ticket.objects.update(
        labels=["печать", "срочно"], due=date(2026, 12, 5), assignee=cast.agent,
        created_at=datetime(2026, 11, 2, 22, 30, tzinfo=UTC),
    )  # fmt: skip
    Person.objects.filter(pk=cast.agent.pk).update(time_zone="Asia/Vladivostok")
    short = made(cast.agent)
    assert short[0] == ["Номер", "Тема", "Заявитель", "Статус", "Исполнитель", "Обновлён"]
    assert short[1][:5] == ["ACCREDO-1", "Не открывается протокол", "Анна Петрова", "Открытый", "Глеб Орлов"]
    whole = made(cast.agent, columns="all")
    ticket = dict(zip(whole[0], whole[1], strict=True))
    assert (ticket["Создан"], ticket["Срок"], ticket["Метки"]) == ("03.11.2026 08:30", "05.12.2026", "печать срочно")
    assert (ticket["Организации"], ticket["Оценка"]) == ("'=Клиника", "4")
    assert (ticket["Адрес заявителя"], ticket["Закрыт"]) == ("anna@clinic.test", "")
    assert whole[1][-1].endswith("/browse/ACCREDO-1") and len(whole[0]) == len(export_table.COLUMNS)
    assert NOTE_CANARY not in str(whole)
    Person.objects.filter(pk=cast.agent.pk).update(language="en")
    content = fetched(cast.agent, export) if (export := asked(cast.agent)) and export_next() else b""
    assert content.decode("utf-8-sig").startswith('"Number","Subject"')


def test_the_list_says_which_columns_it_has(cast: Cast, home: Path) -> None:
    assert made(cast.agent, shown="subject,no_such,key")[0] == ["Тема", "Номер"]
    page = as_(cast.agent).get(PAGE, {"jql": EVERYTHING, "shown": "priority,created_at"}).content.decode()
    assert 'name="shown" value="priority,created_at"' in page


def test_a_queue_is_exported_with_its_columns(cast: Cast, home: Path) -> None:
    queue = cast.desk.queues.order_by("position")[0]
    type(queue).objects.filter(pk=queue.pk).update(columns=["subject", "priority", "key"])
    page = as_(cast.agent).get(f"/projects/ACCREDO/queues/custom/{queue.pk}").content.decode()
    link = re.search(r'href="([^"]+/filter\?export=[^"]+)"', page)
    assert link is not None
    answer = as_(cast.agent).get(link[1])
    words = parse_qs(urlsplit(answer["Location"]).query)
    assert "ACCREDO" in words["jql"][0] and words["shown"] == ["subject,priority,key"]
    form = as_(cast.agent).get(answer["Location"]).context["page"]
    lines = made(cast.agent, form.jql, shown=form.shown)
    assert lines == [["Тема", "Приоритет", "Номер"], ["Не открывается протокол", "Стандартный", "ACCREDO-1"]]


def test_ab_82_no_text_is_a_formula_and_nobodys_link_stands_in_the_file(cast: Cast, home: Path) -> None:
    form = {"request_type": cast.desk.request_types.order_by("position")[0], "position": 70}
    room = Field.objects.create(**form, key="customfield_8000001", kind=Field.Kind.TEXT, label="=Кабинет")
    floor = Field.objects.create(**form, key="customfield_8000002", kind=Field.Kind.NUMBER, label="Этаж", hidden=True)
    formula = '=HYPERLINK("http://x")'
    Ticket.objects.update(subject=formula, labels=["@x"], answers={room.key: "\t+1", floor.key: -2.5})
    Person.objects.filter(pk=cast.anna.pk).update(name="-Анна")
    lines = made(cast.agent, columns="all", answers="1")
    assert lines[0][-2:] == ["'=Кабинет", "Этаж"] and lines[1][-2:] == ["'\t+1", "-2,5"]
    assert {f"'{formula}", "'-Анна", "'@x"} <= set(lines[1])
    assert not [cell for line in lines for cell in line[:-1] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    export = asked(cast.agent, kind="xlsx", columns="all", answers="1")
    assert export_next()
    sheet = sheet_of(fetched(cast.agent, export))
    assert "<f>" not in sheet and "<v>-2.5</v>" in sheet and "hyperlink" not in sheet.lower().replace("=hyperlink", "")


def test_only_what_the_person_works_with_is_in_the_file(cast: Cast, home: Path) -> None:
    more_tickets(cast, 2)
    Ticket.objects.filter(key="ACCREDO-2").update(desk=cast.other_desk, key="OTHER-1", number=1)
    assert [line[0] for line in made(cast.agent)[1:]] == ["ACCREDO-1", "ACCREDO-3"]
    assert [line[0] for line in made(cast.agent_elsewhere)[1:]] == ["OTHER-1"]
    assert len(made(cast.admin)) == 4


def test_who_has_left_the_desk_gets_neither_a_file_nor_its_lines(cast: Cast, home: Path) -> None:
    for desk in (cast.desk, cast.other_desk):
        Membership.objects.get_or_create(desk=desk, person=cast.agent, defaults={"role": "agent"})
    ready, waits = asked(cast.agent), None
    assert export_next()
    waits = asked(cast.agent)
    Membership.objects.filter(desk=cast.desk, person=cast.agent).delete()
    assert export_next()
    assert as_(cast.agent).get(f"{PAGE}/{ready.pk}/file").status_code == 404
    assert "больше не работаете" in as_(cast.agent).get(PAGE).content.decode()
    assert len(lines_of(fetched(cast.agent, waits))) == 1


def test_a_ticket_that_leaves_while_the_file_is_written_is_not_in_it(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more_tickets(cast, 3)
    monkeypatch.setattr(export_table, "CHUNK_SIZE", 1)
    told = list_exports._go_on

    def meanwhile(export: ListExport, **columns: Any) -> None:
        told(export, **columns)
        if columns.get("done") == 1:
            Ticket.objects.filter(key="ACCREDO-3").update(desk=cast.other_desk)

    monkeypatch.setattr(list_exports, "_go_on", meanwhile)
    assert [line[0] for line in made(cast.agent)[1:]] == ["ACCREDO-1", "ACCREDO-2", "ACCREDO-4"]


def test_the_page_tells_how_far_it_is_and_its_person_may_stop_it(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more_tickets(cast, 3)
    monkeypatch.setattr(export_table, "CHUNK_SIZE", 1)
    told, seen = list_exports._go_on, []

    def look(export: ListExport, **columns: Any) -> None:
        told(export, **columns)
        page = as_(cast.agent).get(PAGE, headers={"hx-request": "true"}).content.decode()
        seen.extend(re.findall(r'<progress max="(\d+)" value="(\d+)"', page))
        assert "every 2s" in page and "<html" not in page
        if columns.get("done") == 2:
            as_(cast.agent).post(f"{PAGE}/{export.pk}/remove")

    monkeypatch.setattr(list_exports, "_go_on", look)
    asked(cast.agent)
    assert export_next()
    assert seen == [("4", "0"), ("4", "1"), ("4", "2")]
    assert not ListExport.objects.exists() and not export_next()
    assert "every 2s" not in as_(cast.agent).get(PAGE).content.decode()


def test_a_file_that_lacks_some_says_so_on_the_page_and_in_its_last_line(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more_tickets(cast, 3)
    monkeypatch.setattr(list_exports, "MOST_ROWS", 2)
    lines = made(cast.agent)
    assert [line[0][:9] for line in lines] == ["Номер", "ACCREDO-1", "ACCREDO-2", "Фильтр на"]
    assert "Фильтр находит больше" in as_(cast.agent).get(PAGE).content.decode()
    export = asked(cast.agent, kind="xlsx")
    assert export_next() and sheet_of(fetched(cast.agent, export)).count("<row ") == 4
    assert MOST_ROWS == 100_000


def failed(export: ListExport) -> ListExport:
    export.refresh_from_db()
    assert export.failed_at is not None and not export.digest and export.claimed_until is None
    return export


def test_no_file_comes_of_what_takes_too_long_or_is_no_filter_any_more(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked(cast.agent)
    monkeypatch.setattr(list_exports, "LONGEST", timedelta(seconds=-1))
    assert export_next()
    assert "Сузьте фильтр" in failed(export).trouble
    assert as_(cast.agent).get(f"{PAGE}/{export.pk}/file").status_code == 404
    assert "Сузьте фильтр" in as_(cast.agent).get(PAGE).content.decode()
    export = asked(cast.agent, "status = Открытый")
    ListExport.objects.filter(pk=export.pk).update(jql="status = Пропавший")
    assert export_next() and "Пропавший" in failed(export).trouble
    assert not export_next()


def test_a_filter_that_is_none_leads_to_its_page(cast: Cast) -> None:
    answer = as_(cast.agent).post(PAGE, {"jql": "assigne = x", "kind": "csv"})
    assert answer["Location"] == "/issues/?jql=assigne+%3D+x" and not ListExport.objects.exists()


def test_who_dies_over_a_file_leaves_a_claim_that_ends_and_counts(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked(cast.agent)

    def dies(export: ListExport) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(list_exports, "_make", dies)
        with pytest.raises(KeyboardInterrupt):
            export_next()
    assert not export_next(), "it is claimed"
    ListExport.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert export_next()
    export.refresh_from_db()
    assert export.attempts == 1 and export.ready_at is not None
    # A clock that was set back: no claim can end so far ahead.
    ListExport.objects.update(ready_at=None, claimed_until=timezone.now() + CLAIMED * 9, retry_at=None)
    assert export_next()


def test_who_was_slower_than_the_claim_leaves_the_file_to_whoever_has_it_now(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more_tickets(cast, 3)
    monkeypatch.setattr(export_table, "CHUNK_SIZE", 1)
    export, others, told = asked(cast.agent), timezone.now() + timedelta(seconds=90), list_exports._go_on

    def overtaken(row: ListExport, **columns: Any) -> None:
        told(row, **columns)
        if columns.get("done") == 1:
            ListExport.objects.filter(pk=row.pk).update(claimed_until=others, done=0)

    monkeypatch.setattr(list_exports, "_go_on", overtaken)
    assert export_next()
    export.refresh_from_db()
    assert (export.claimed_until, export.done, export.ready_at, export.digest) == (others, 0, None, "")


def test_one_whose_work_fails_again_and_again_is_given_up_and_keeps_no_other(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good, make = asked(cast.agent), asked(cast.lead), list_exports._make

    def breaks(export: ListExport) -> None:
        if export.pk == bad.pk:
            raise ZeroDivisionError
        make(export)

    monkeypatch.setattr(list_exports, "_make", breaks)
    for _ in range(len(ListExport.WAITS) + 2):
        ListExport.objects.update(retry_at=None)
        export_next()
    assert failed(bad).trouble == "" and fetched(cast.lead, good)
    assert "собрать не удалось" in as_(cast.agent).get(PAGE).content.decode()


def test_a_file_is_its_persons_alone_and_goes_when_its_time_is_over(cast: Cast, home: Path) -> None:
    export = asked(cast.agent)
    assert as_(cast.agent).get(f"{PAGE}/{export.pk}/file").status_code == 404, "it is not made yet"
    assert export_next()
    export.refresh_from_db()
    for who in (cast.lead, cast.admin, cast.anna):
        assert as_(who).get(f"{PAGE}/{export.pk}/file").status_code == 404
        assert as_(who).post(f"{PAGE}/{export.pk}/remove").status_code == 404
    answer = as_(cast.agent).get(f"{PAGE}/{export.pk}/file")
    assert answer["Content-Type"] == "application/octet-stream" and "no-store" in answer["Cache-Control"]
    assert named_among([export.digest]) == {export.digest}
    ListExport.objects.update(expires_at=timezone.now())
    assert as_(cast.agent).get(f"{PAGE}/{export.pk}/file").status_code == 404
    assert "ACCREDO" not in as_(cast.agent).get(PAGE).content.decode().split('id="files"')[1]
    tidy(timezone.now())
    # The file itself is swept as every file that no row names: the same bytes may hang on a ticket meanwhile.
    assert not ListExport.objects.exists() and blobs.read(export.digest) and not named_among([export.digest])


def test_the_page_costs_the_same_for_one_file_and_ten(cast: Cast) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(PAGE).status_code == 200
        return len(caught)

    client, export = as_(cast.agent), asked(cast.agent)
    ListExport.objects.update(ready_at=START)
    client.get(PAGE)
    one = statements()
    for _ in range(9):
        export.pk = None
        export.save()
    assert statements() == one


def test_a_third_file_at_once_and_the_journal(cast: Cast, home: Path) -> None:
    for _ in range(3):
        asked(cast.agent)
    answer: HttpResponse = as_(cast.agent).post(PAGE, {"jql": EVERYTHING, "kind": "csv"}, follow=True)  # type: ignore[assignment]
    assert "Уже собирается" in answer.content.decode() and ListExport.objects.count() == 3
    told = Event.objects.filter(kind="person.list_export_asked", actor_id=cast.agent.pk)
    assert [event.data["jql"] for event in told] == [EVERYTHING] * 3


@pytest.mark.browser
def test_a_file_is_asked_for_by_keyboard_and_comes_by_itself(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(f"/issues/?jql={EVERYTHING}")
        page.get_by_role("link", name="Выгрузить").press("Enter")
        page.get_by_role("radio", name="Все").check()
        page.get_by_role("button", name="Собрать файл Excel").press("Enter")
        expect(page.locator("#files")).to_contain_text("Собирается")
        assert export_next()
        with page.expect_download() as download:
            page.get_by_role("link", name="Скачать").press("Enter")
        content = Path(download.value.path()).read_bytes()
        assert "ACCREDO-1" in sheet_of(content) or b"xl/" in content
        assert download.value.suggested_filename.endswith(".xlsx")


def test_each_column_is_there_once(cast: Cast, home: Path) -> None:
    assert asked(cast.agent, shown="key,subject,key,nothing,key").columns == ["key", "subject"]


def test_a_file_that_is_removed_while_it_turns_out_to_be_too_much_stops_nothing(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(export: ListExport) -> None:
        ListExport.objects.all().delete()
        raise UnableTo(WorkspaceRefusal.EXPORT_TOOK_TOO_LONG, minutes=30)

    asked(cast.agent)
    monkeypatch.setattr(list_exports, "_make", too_long)
    assert export_next() and not export_next()


def test_who_leaves_a_desk_while_a_file_is_begun_cannot_fetch_it(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = list_exports._wanted

    def then_leaves(*asked_for: Any) -> export_table.ExportTable:
        found = wanted(*asked_for)
        cast.agent.memberships.all().delete()
        cast.agent.memberships.create(desk=cast.other_desk, role="agent")
        return found

    export = asked(cast.agent)
    monkeypatch.setattr(list_exports, "_wanted", then_leaves)
    assert export_next()
    assert as_(cast.agent).get(f"{PAGE}/{export.pk}/file").status_code == 404


def test_an_open_page_that_shows_how_far_a_file_is_gets_nothing(cast: Cast, home: Path) -> None:
    asked(cast.agent)
    agent, asks = as_(cast.agent), {"headers": {"hx-request": "true"}}
    address = re.search(r'hx-get="([^"]+)"\s+hx-trigger="every 2s"', agent.get(PAGE).content.decode())
    assert address is not None
    assert (agent.get(address[1], **asks).status_code, agent.get(address[1], **asks).content) == (204, b"")
    ListExport.objects.update(total=3, done=1)
    part = agent.get(address[1], **asks)
    assert part.status_code == 200 and '<progress max="3" value="1"' in part.content.decode()
    assert export_next()
    assert agent.get(address[1], **asks).status_code == 200
    assert "every 2s" not in agent.get(PAGE).content.decode()

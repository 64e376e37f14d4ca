"""The pages of lists without JavaScript: filter, chips, sorting, bulk actions, queues and their order, files."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.tickets.models import ListExport, Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.browser import watched_tab
from tests.cast import Cast
from tests.tickets.bulk.parts import more_tickets

pytestmark = pytest.mark.browser


def test_a_lead_goes_from_a_filter_to_a_queue_a_batch_and_a_file(
    live: Cast, live_server: LiveServer, browser: Browser, home: Path
) -> None:
    more_tickets(live, 4)
    with watched_tab(browser, live_server.url, live.lead, java_script_enabled=False) as page:
        page.set_default_timeout(10_000)
        page.goto("/issues/")
        page.locator("#id_jql").fill("project = ACCREDO")
        page.get_by_role("button", name="Найти", exact=True).click()
        rows = page.locator("[data-rows] tbody tr")
        expect(rows).to_have_count(4)
        # A condition by chips, and a sorting by a head.
        page.locator("#chip-editor").wait_for(state="attached")
        page.get_by_role("button", name="условие", exact=True).click()
        page.get_by_role("button", name="Исполнитель", exact=True).first.click()
        page.locator("#chip-values").get_by_label("никто").check()
        page.get_by_role("button", name="Применить", exact=True).click()
        expect(page.locator(".chip-words").nth(1)).to_contain_text("Исполнитель")
        page.get_by_role("link", name="Номер").click()
        expect(page.locator("th[aria-sort]")).to_contain_text("Номер")
        # Two of them at once, seen before and taken back.
        for place in (0, 1):
            rows.nth(place).locator("input[name=ticket]").check()
        page.get_by_role("button", name="Изменить метки").click()
        page.get_by_label("Добавить").fill("новая")
        page.get_by_role("button", name="Что произойдёт").click()
        expect(page.locator(".bulk-sentence")).to_contain_text("2 выбрано: 2 изменятся")
        page.get_by_role("button", name="Изменить 2 запроса").click()
        while work_next():
            pass
        page.get_by_role("link", name="Обновить").click()
        expect(page.locator(".bulk-sentence")).to_contain_text("2 изменено")
        assert Ticket.objects.filter(labels=["новая"]).count() == 2
        page.get_by_role("button", name="Отменить").click()
        while work_next():
            pass
        assert Ticket.objects.filter(labels=["новая"]).count() == 0
        page.get_by_role("link", name="К списку").click()
        expect(rows).to_have_count(4)
        # A file, and the queue of the desk with a preview.
        page.get_by_role("link", name="Выгрузить").click()
        page.get_by_role("button", name="Собрать файл CSV").click()
        page.get_by_role("link", name="Посмотреть, сколько готово").click()
        assert ListExport.objects.filter(person=live.lead).count() == 1
        page.goto("/queues/add?jql=project = ACCREDO AND assignee is EMPTY")
        page.locator("[name=name]").fill("Ничьи")
        page.locator("[name=whose]").select_option(live.desk.key)
        page.get_by_role("button", name="Показать, что найдётся").click()
        expect(rows).to_have_count(4)
        page.get_by_role("button", name="Сохранить", exact=True).last.click()
        expect(page.locator("h1")).to_contain_text("Ничьи")
        # It is the last one of the desk, and goes up by its arrow.
        page.goto("/projects/ACCREDO/settings/queues")
        page.get_by_role("button", name="Ничьи: выше").click()
        names = page.locator("[data-draggable] .movable-text a")
        queues = live.desk.queues.count()
        expect(names).to_have_count(queues)
        expect(names.nth(queues - 2)).to_have_text("Ничьи")

"""The recipients of one reply are corrected: somebody is left out, somebody is added in copy."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, PendingReply
from otklik.tickets.pumps.pending_replies import release_next
from tests.browser import watched_tab
from tests.cast import Cast
from tests.postoffice import run_all
from tests.workspace.helpers import as_, composer, page_of

NEW = "Новая Ольга <Olga@clinic.test>; ivan@clinic.test"


@pytest.fixture(autouse=True)
def ten_seconds(settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS = 10
    settings.OUTGOING = ""


def send(cast: Cast, client: Client | None = None, **more: Any) -> PendingReply:
    agent = client or as_(cast.agent)
    response = agent.post("/browse/ACCREDO-1/reply", composer(agent, cast.ticket, "Готово", **more))
    assert response.status_code == 302, page_of(response)
    return PendingReply.objects.latest("id")


def release() -> None:
    while release_next(timezone.now() + timedelta(minutes=5)):
        pass


def mailed(cast: Cast) -> dict[str, list[str]]:
    """Return the kinds of mails that the last reply caused, by recipient."""
    run_all(deliver_too=False)
    OutboundMail.objects.all().delete()
    release()
    run_all(deliver_too=False)
    kinds: dict[str, list[str]] = {}
    for mail in OutboundMail.objects.order_by("id"):
        kinds.setdefault(mail.recipient, []).append(mail.kind)
    return kinds


def test_who_is_left_out_gets_no_mail_and_reads_on_the_portal(cast: Cast) -> None:
    send(cast, left_out=[cast.boris.pk])
    assert mailed(cast) == {"anna@clinic.test": ["comment"]}
    card = f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"
    assert "Готово" in page_of(as_(cast.boris).get(card)) and "Без письма" not in page_of(as_(cast.anna).get(card))
    assert "Без письма:" in page_of(as_(cast.lead).get("/browse/ACCREDO-1"))
    send(cast)
    assert mailed(cast) == {"anna@clinic.test": ["comment"], "boris@clinic.test": ["comment"]}, "of that one alone"


def test_who_is_added_joins_with_the_reply_and_is_mailed_once(cast: Cast) -> None:
    reply = send(cast, added=NEW, step=cast.desk.transitions.get(name="Закрыть").pk)
    assert reply.added == ["olga@clinic.test", "ivan@clinic.test"]
    assert not Person.objects.filter(email="olga@clinic.test").exists(), "nobody joins before it is sent"
    kinds = mailed(cast)
    assert kinds["olga@clinic.test"] == ["comment"] and kinds["ivan@clinic.test"] == ["comment"]
    assert kinds["anna@clinic.test"] == ["shared", "shared", "comment"], "the requester is told who joined"
    joined = Participant.objects.get(person__email="olga@clinic.test")
    message = Message.objects.latest("id")
    assert joined.sees_from == message.created_at and joined.added_by == cast.agent
    reply.refresh_from_db()
    assert (reply.state, reply.added, reply.left_out) == ("sent", [], [])


def test_without_a_time_for_undoing_it_goes_the_same_way(cast: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 0
    client = as_(cast.agent)
    run_all(deliver_too=False)
    OutboundMail.objects.all().delete()
    typed = composer(client, cast.ticket, "Сразу", added="olga@clinic.test", left_out=[cast.anna.pk])
    assert client.post("/browse/ACCREDO-1/reply", typed).status_code == 302
    run_all(deliver_too=False)
    comments = OutboundMail.objects.filter(kind="comment").values_list("recipient", flat=True)
    assert sorted(comments) == ["boris@clinic.test", "olga@clinic.test"]


def test_taken_back_both_stand_in_the_composer_again(cast: Cast) -> None:
    client = as_(cast.agent)
    reply = send(cast, client, added="olga@clinic.test", left_out=[cast.boris.pk])
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert "olga@clinic.test" in page.split('class="message-foot"')[-1] and "Без письма:" in page
    page = page_of(client.get(client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")["Location"]))
    assert f'name="left_out" value="{cast.boris.pk}" checked' in page and 'value="olga@clinic.test"' in page


def test_the_draft_keeps_both(cast: Cast) -> None:
    client = as_(cast.agent)
    begun = {"comment": "Начато", "left_out": [cast.boris.pk, cast.anna.pk], "added": "olga@clinic.test, и"}
    client.post(
        "/servicedesk/customer/user/drafts", {"draft.place": f"reply:{cast.ticket.pk}", "draft.stamp": "1", **begun}
    )
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert f'name="left_out" value="{cast.boris.pk}" checked' in page
    assert f'name="left_out" value="{cast.anna.pk}" checked' in page and 'value="olga@clinic.test, и"' in page


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("olga", "«olga» — не адрес почты"),
        ("olga@clinik", "«olga@clinik» — не адрес почты"),
        ("Ольга", "«Ольга» — не адрес почты"),
        ("accredo@desk.test", "accredo@desk.test — адрес службы"),
        (",".join(f"p{number}@clinic.test" for number in range(11)), "не больше адресов: 10"),
    ],
)
def test_what_is_no_address_of_a_person_is_refused_and_kept(cast: Cast, added: str, words: str) -> None:
    client = as_(cast.agent)
    refused = client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, "Готово", added=added))
    page = page_of(refused)
    assert refused.status_code == 422 and words in page and f'value="{added}"' in page
    assert not PendingReply.objects.exists()


def test_the_same_words_to_others_are_another_reply(cast: Cast) -> None:
    client = as_(cast.agent)
    typed = composer(client, cast.ticket, "Готово")
    for _twice in range(2):
        client.post("/browse/ACCREDO-1/reply", {**typed, "left_out": [cast.boris.pk]})
    assert PendingReply.objects.count() == 1
    client.post("/browse/ACCREDO-1/reply", {**typed, "added": "olga@clinic.test"})
    assert PendingReply.objects.count() == 2


def test_who_cannot_be_added_any_more_stops_the_reply(cast: Cast) -> None:
    reply = send(cast, added="olga@clinic.test")
    olga, _made = ensure_person(address="olga@clinic.test", name="Ольга", at=timezone.now())
    Person.objects.filter(pk=olga.pk).update(is_active=False)
    release()
    reply.refresh_from_db()
    assert reply.state == "stopped" and reply.added == ["olga@clinic.test"]
    assert not Participant.objects.filter(person=olga).exists()


def corrects(page: Page, *, scripts: bool) -> None:
    page.goto("/browse/ACCREDO-1")
    page.locator("#reply_comment").fill("Готово")
    page.get_by_text("Изменить получателей").click()
    page.get_by_role("checkbox", name="Борис Щукин").check()
    expect(page.locator(".reach-left-out")).to_have_text(["Борис Щукин <boris@clinic.test>"] if scripts else [])
    page.get_by_label("Добавить в копию").fill("olga@clinic.test")
    page.get_by_role("button", name="Отправить заявителю").click()
    waiting = page.locator(".message-pending")
    expect(waiting).to_contain_text("Без письма: Борис Щукин")
    expect(waiting).to_contain_text("В копии: olga@clinic.test")


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_agent_corrects_the_recipients(
    live: Cast, live_server: LiveServer, browser: Browser, settings: Settings, scripts: bool
) -> None:
    settings.HOLD_SECONDS = 60
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        corrects(page, scripts=scripts)
        if scripts:
            page.wait_for_load_state()
            page.keyboard.press("KeyZ")
            expect(page.get_by_role("checkbox", name="Борис Щукин")).to_be_checked()
            expect(page.get_by_label("Добавить в копию")).to_have_value("olga@clinic.test")
            expect(page.locator(".reach-left-out")).to_contain_text("Борис Щукин")


@pytest.mark.browser
def test_a_poll_leaves_struck_out_who_is_left_out(agents_page: Page, live: Cast) -> None:
    agents_page.clock.install()
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.get_by_text("Изменить получателей").click()
    agents_page.get_by_role("checkbox", name="Борис Щукин").check()
    comment(actor=Actor(live.anna, "mail"), at=timezone.now(), ticket=live.ticket, words=Words("Ещё"))
    agents_page.clock.run_for(21_000)
    expect(agents_page.locator(".ticket-news")).to_contain_text("1 новое сообщение")
    expect(agents_page.locator(".reach-left-out")).to_contain_text("Борис Щукин")
    expect(agents_page.get_by_role("checkbox", name="Борис Щукин")).to_be_checked()

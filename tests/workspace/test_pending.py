"""Scheduled and held replies: undo, send now, another time, and what customers see meanwhile."""

import datetime as dt
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from otklik.core.date_inputs import moment_typed, next_day_at
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.drafts import Place
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Draft, Message, PendingReply
from otklik.tickets.pumps.pending_replies import release_next
from otklik.tickets.stored_refusals import translated
from otklik.ui.drafts_after_login import keep_posted
from otklik.workspace.pending import kept_of
from tests.cast import Cast
from tests.postoffice import run_all
from tests.refusing import refused_as
from tests.workspace.helpers import as_, composer, page_of, words_said

LATER = dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def ten_seconds(settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS = 10
    settings.OUTGOING = ""


def say(cast: Cast, text: str = "Сделано", **more: object) -> PendingReply:
    """Send the reply form as the agent; return the pending reply."""
    client = as_(cast.agent)
    response = client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, text, **more))
    assert response.status_code == 302, page_of(response)
    return PendingReply.objects.latest("id")


def release(after: dt.timedelta = LATER) -> None:
    """Release due replies as the worker would at a later time."""
    while release_next(timezone.now() + after):
        pass


def close_of(cast: Cast) -> int:
    return cast.desk.transitions.get(name="Закрыть").pk


def mailed(cast: Cast) -> list[str]:
    run_all(deliver_too=False)
    return [mail.kind for mail in OutboundMail.objects.filter(person=cast.anna).order_by("id")]


def test_until_its_time_only_the_staff_sees_it(cast: Cast) -> None:
    before = mailed(cast)
    reply = say(cast, "СЕКРЕТ-ДО-СРОКА")
    assert dt.timedelta(seconds=5) < reply.due_at - timezone.now() <= dt.timedelta(seconds=10)
    card = f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"
    assert not release_next()
    assert mailed(cast) == before
    assert "СЕКРЕТ-ДО-СРОКА" not in page_of(as_(cast.anna).get(card))
    page = page_of(as_(cast.lead).get("/browse/ACCREDO-1"))
    assert "СЕКРЕТ-ДО-СРОКА" in page and "Отправляется" in page and "Отменить" in page
    release()
    assert "СЕКРЕТ-ДО-СРОКА" in page_of(as_(cast.anna).get(card))
    assert mailed(cast) == [*before, "comment"]
    assert Message.objects.latest("id").author == cast.agent
    reply.refresh_from_db()
    assert (reply.state, reply.text) == ("sent", "")


def test_undo_brings_the_words_and_files_back(cast: Cast) -> None:
    before = mailed(cast)
    file = SimpleUploadedFile("скан.pdf", b"%PDF-1.4")
    reply = say(cast, "Рано нажал", attachments=[file], step=close_of(cast))
    client = as_(cast.agent)
    response = client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")
    assert response["Location"] == f"/browse/ACCREDO-1?draft={reply.pk}#composer"
    page = page_of(client.get(response["Location"]))
    assert "Рано нажал</textarea>" in page and "скан.pdf" in page and "ещё" not in page.split("composer")[0]
    release()
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.category != "done" and mailed(cast) == before
    assert Event.objects.filter(kind="ticket.reply_undone", actor_id=cast.agent.pk).count() == 1
    assert "отменён до отправки" in page
    typed = composer(client, cast.ticket, "Теперь верно", draft=reply.pk, keep=[0])
    assert client.post("/browse/ACCREDO-1/reply", typed).status_code == 302
    release()
    assert not PendingReply.objects.filter(pk=reply.pk).exists()
    message = Message.objects.latest("id")
    assert message.text == "Теперь верно" and Attachment.objects.get(message=message).name == "скан.pdf"
    assert mailed(cast) == [*before, "comment"]


def test_what_a_colleague_takes_back_waits_for_its_author(cast: Cast) -> None:
    reply, colleague = say(cast, "Рано нажал"), as_(cast.lead)
    response = colleague.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")
    assert response["Location"] == "/browse/ACCREDO-1#composer"
    assert words_said(response) == ["Не отправлено. Текст остался черновиком у автора."]
    assert "Рано нажал" not in page_of(colleague.get(f"/browse/ACCREDO-1?draft={reply.pk}"))
    assert "Рано нажал</textarea>" in page_of(as_(cast.agent).get(f"/browse/ACCREDO-1?draft={reply.pk}"))


def test_a_reply_taken_back_and_written_on_is_opened_with_its_newest_words(cast: Cast) -> None:
    reply, agent = say(cast, "Рано нажал"), as_(cast.agent)
    there = agent.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")["Location"]
    newer = {"comment": "Рано нажал, теперь верно", "draft": reply.pk}
    place = Place(Draft.Kind.REPLY, cast.ticket.pk, cast.ticket.pk)
    keep_posted(person=cast.agent, at=timezone.now(), place=place, post=QueryDict(urlencode(newer)), uploaded={})
    page = page_of(agent.get(there))
    assert "Рано нажал, теперь верно</textarea>" in page and "Рано нажал</textarea>" not in page


def test_only_a_draft_of_ones_own_is_thrown_away(cast: Cast) -> None:
    reply, agent = say(cast, "Ещё пригодится"), as_(cast.agent)
    drop = f"/browse/ACCREDO-1/replies/{reply.pk}/drop"
    assert agent.post(drop).status_code == 404  # it waits, and nobody took it back
    agent.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")
    assert as_(cast.lead).post(drop).status_code == 404
    assert PendingReply.objects.get(pk=reply.pk).text == "Ещё пригодится"
    assert agent.post(drop).status_code == 302 and not PendingReply.objects.filter(pk=reply.pk).exists()
    sent = say(cast, "Ушло")
    release()
    assert agent.post(f"/browse/ACCREDO-1/replies/{sent.pk}/drop").status_code == 404
    assert PendingReply.objects.filter(pk=sent.pk).exists()


def test_undo_too_late_says_so(cast: Cast) -> None:
    reply = say(cast)
    release()
    client = as_(cast.agent)
    response = client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")
    assert words_said(response) == ["Этот ответ уже отправлен или отменён."]
    reply.refresh_from_db()
    assert response["Location"].endswith(f"#message-{reply.message_id}")


def test_reply_and_step_are_one_event_and_one_mail(cast: Cast) -> None:
    before = mailed(cast)
    say(cast, "Готово", step=close_of(cast))
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.category != "done"
    release()
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.is_done and cast.ticket.closed_at is not None
    assert mailed(cast) == [*before, "comment"]
    mail = OutboundMail.objects.filter(person=cast.anna).latest("id")
    assert "Готово" in mail.text and "Запрос закрыт. Если что-то не решено" in mail.text
    assert Event.objects.filter(kind="ticket.status_changed").count() == 0


def test_scheduled_moved_and_sent_now(cast: Cast) -> None:
    when = timezone.localtime(timezone.now() + dt.timedelta(days=2)).replace(second=0, microsecond=0)
    reply = say(cast, "Позже", send_at=when.strftime("%Y-%m-%dT%H:%M"), unless_answered="on")
    assert (reply.due_at, reply.scheduled, reply.unless_answered) == (when, True, True)
    release()
    client = as_(cast.agent)
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert "Будет отправлено позже" in page and 'hx-get="/browse/ACCREDO-1/replies/' not in page
    other = when + dt.timedelta(days=1)
    client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/move", {"send_at": other.strftime("%Y-%m-%dT%H:%M")})
    reply.refresh_from_db()
    assert reply.due_at == other
    refused = client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/move", {"send_at": "2020-01-01T10:00"})
    assert words_said(refused)[-1] == "Это время уже прошло."
    client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/now")
    assert Message.objects.latest("id").text == "Позже"


def test_a_scheduled_reply_stays_back_when_the_customer_writes_first(cast: Cast) -> None:
    when = timezone.localtime(timezone.now() + dt.timedelta(days=2))
    reply = say(cast, "Всё ли хорошо?", send_at=when.strftime("%Y-%m-%dT%H:%M"), unless_answered="on")
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("Спасибо!"))
    release(dt.timedelta(days=3))
    reply.refresh_from_db()
    assert (reply.state, translated(reply.why)) == ("stopped", "Заявитель успел написать раньше.")
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    assert "Этот ответ не отправлен" in page and "Заявитель успел написать раньше." in page
    assert "Заявитель успел написать раньше." in page_of(as_(cast.lead).get("/projects/ACCREDO/outbox"))
    with translation.override("en"):
        assert translated(reply.why) == "The customer has written since.", "the reader's language, not the worker's"
    as_(cast.agent).post(f"/browse/ACCREDO-1/replies/{reply.pk}/now")
    assert Message.objects.latest("id").text == "Всё ли хорошо?"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_whether_the_customer_wrote_first_is_told_by_no_clock(cast: Cast, minutes: int) -> None:
    when = timezone.localtime(timezone.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    off = dt.timedelta(minutes=minutes)
    anna = Actor(cast.anna, "portal")
    comment(actor=anna, at=timezone.now() + off, ticket=cast.ticket, words=Words("Вопрос"))
    first = say(cast, "Ответ на вопрос", send_at=when, unless_answered="on")
    release(dt.timedelta(days=3))
    first.refresh_from_db()
    assert first.state == "sent", "what was there when it was written does not keep it back"
    second = say(cast, "Всё ли хорошо?", send_at=when, unless_answered="on")
    comment(actor=anna, at=timezone.now() + off, ticket=cast.ticket, words=Words("Спасибо!"))
    release(dt.timedelta(days=3))
    second.refresh_from_db()
    assert second.state == "stopped", "what came afterwards does, whatever the clock of its machine says"


def test_a_time_in_the_past_is_refused_with_the_words_kept(cast: Cast) -> None:
    client = as_(cast.agent)
    typed = composer(client, cast.ticket, "Слова", send_at="2020-01-01T10:00")
    response = client.post("/browse/ACCREDO-1/reply", typed)
    page = page_of(response)
    assert response.status_code == 422 and "Это время уже прошло." in page and "Слова</textarea>" in page


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok"])
def test_tomorrow_at_nine_is_one_press_in_the_agents_time_zone(cast: Cast, zone: str) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(time_zone=zone)
    reply = say(cast, "Утром", tomorrow="1", unless_answered="on")
    local = timezone.localtime(reply.due_at, ZoneInfo(zone))
    days = local.date() - timezone.localdate(timezone.now(), ZoneInfo(zone))
    assert (local.hour, local.minute, days) == (9, 0, dt.timedelta(days=1))
    assert reply.scheduled and reply.unless_answered


def test_a_refused_reply_for_tomorrow_does_not_go_at_once_when_sent_again(cast: Cast) -> None:
    client = as_(cast.agent)
    typed = composer(client, cast.ticket, "Утром", tomorrow="1")
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("Ещё вопрос"))
    page = page_of(client.post("/browse/ACCREDO-1/reply", typed))
    stands = moment_typed(next_day_at(9, timezone.now()))
    assert f'value="{stands}"' in page and f'value="{stands}"' in page_of(client.get("/browse/ACCREDO-1"))


def test_a_step_that_is_gone_keeps_the_reply_back(cast: Cast) -> None:
    reply = say(cast, "Закрываю", step=close_of(cast))
    done = cast.desk.statuses.filter(category="done").first()
    type(cast.ticket).objects.filter(pk=cast.ticket.pk).update(status=done, closed_at=timezone.now())
    release()
    reply.refresh_from_db()
    assert reply.state == "stopped" and "сейчас невозможно" in translated(reply.why)


def test_rl_31_a_worker_that_dies_while_it_lets_a_reply_go_sends_it_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mailed(cast)
    reply = say(cast)

    def die(name: str) -> None:
        raise SystemExit(name)

    monkeypatch.setattr("otklik.tickets.pumps.pending_replies.faultpoint", die)
    with pytest.raises(SystemExit):
        release()
    reply.refresh_from_db()
    assert reply.state == "waiting" and mailed(cast) == before
    monkeypatch.undo()
    release()
    release()
    assert mailed(cast) == [*before, "comment"]


def test_a_note_is_never_held_and_a_desk_may_hold_nothing(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/note", composer(client, cast.ticket, "Заметка"))
    assert Message.objects.latest("id").kind == "internal"
    cast.desk.hold_seconds = 0
    cast.desk.save()
    client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, "Сразу"))
    assert Message.objects.latest("id").text == "Сразу" and not PendingReply.objects.exists()


def test_what_became_of_a_reply_is_looked_at_on_its_ticket(cast: Cast) -> None:
    reply = say(cast, "Сейчас уйдёт")
    client = as_(cast.agent)
    url = f"/browse/ACCREDO-1/replies/{reply.pk}"
    assert client.get(url).headers["Location"] == f"/browse/ACCREDO-1#reply-{reply.pk}"
    release()
    assert client.get(url).headers["Location"] == f"/browse/ACCREDO-1#message-{Message.objects.latest('id').pk}"


def test_a_draft_whose_files_cannot_be_read_sends_nothing_and_says_so(cast: Cast) -> None:
    reply = PendingReply(files=[{"name": "a.txt", "of": "another version"}])
    assert kept_of(reply, []) == []
    with refused_as("workspace.draft_file_unreadable"):
        kept_of(reply, [0])
    assert kept_of(None, [0]) == []

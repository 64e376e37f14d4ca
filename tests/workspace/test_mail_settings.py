"""Mail settings of a desk: sender, hold time, kinds of mails, texts, preview, reset, history."""

from typing import Any

from django.core.cache import cache
from django.utils import timezone

from otklik.desks.commands.address import add_address
from otklik.desks.models import MailText
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.texts.mail_kinds import KINDS
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from tests.cast import START, Cast
from tests.postoffice import run_all
from tests.workspace.helpers import as_, page_of, words_said

URL = "/projects/ACCREDO/settings/mail"
ALL = [kind.name for kind in KINDS if kind.optional and not kind.off]


def typed(**more: Any) -> dict[str, Any]:
    return {"hold_seconds": "", "mail_name": "", "mail_from": "", "kinds": ALL, **more}


def text(**more: Any) -> dict[str, Any]:
    return {"language": "ru", "subject": "{ticket.key} ответ", "body": "Здравствуйте!\n\n{comment.text}", **more}


def last_mail(cast: Cast) -> OutboundMail:
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Ответ <b>"))
    run_all(deliver_too=False)
    return OutboundMail.objects.filter(person=cast.anna).latest("id")


def test_ab_47_only_leads(cast: Cast) -> None:
    for path in (URL, f"{URL}/comment", f"{URL}/comment/preview"):
        assert as_(cast.lead).get(path).status_code == 200
        for person in (cast.agent, cast.agent_elsewhere, cast.anna):
            assert as_(person).get(path).status_code == 404
    assert as_(cast.lead).get(f"{URL}/nothing").status_code == 404


def test_that_nobody_hears_of_new_requests_is_said_in_words_of_its_own(cast: Cast) -> None:
    page = page_of(as_(cast.lead).get(URL))
    assert "никому" in page and "не назначен" not in page.split('id="content"')[1]


def test_sender_hold_time_and_switches(cast: Cast) -> None:
    add_address(actor=system("cli"), at=START, desk=cast.desk, address="second@desk.test")
    client = as_(cast.lead)
    answer = client.post(
        URL,
        typed(
            hold_seconds="30",
            mail_name="{agent.name} ({desk.name})",
            mail_from="second@desk.test",
            kinds=[*ALL[1:], "status_changed"],
        ),
    )
    assert words_said(answer) == ["Настройки сохранены."]
    cast.desk.refresh_from_db()
    assert cast.desk.mail_switches == {"accepted": False, "status_changed": True} and cast.desk.hold_seconds == 30
    cast.ticket.desk.refresh_from_db()
    mail = last_mail(cast)
    assert (mail.sender, mail.sender_name) == ("second@desk.test", "Глеб Орлов (Аккредитация)")
    assert mail.reply_to.startswith("second+") and mail.desk_id == cast.desk.pk
    comment(actor=Actor(cast.boris, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("и я"))
    run_all(deliver_too=False)
    assert OutboundMail.objects.filter(person=cast.anna).latest("id").sender_name == "Аккредитация"
    event = Event.objects.filter(kind="desk.changed").latest("id")
    client.post(f"/projects/ACCREDO/settings/history/{event.pk}/undo")
    cast.desk.refresh_from_db()
    assert (cast.desk.mail_from, cast.desk.mail_switches, cast.desk.hold_seconds) == ("", {}, None)


def test_bad_settings_are_said_and_kept(cast: Cast) -> None:
    page = as_(cast.lead).post(URL, typed(mail_name="{agent.nam}", mail_from="other@desk.test", hold_seconds="9999"))
    words = page_of(page)
    assert page.status_code == 422 and "Может быть, {agent.name}?" in words and "{agent.nam}" in words
    cast.desk.refresh_from_db()
    assert cast.desk.mail_name == "" and cast.desk.mail_from == ""


def test_own_words_are_saved_sent_reset_and_taken_back(cast: Cast) -> None:
    client = as_(cast.lead)
    assert words_said(client.post(f"{URL}/comment", text())) == ["Текст сохранён."]
    mail = last_mail(cast)
    assert mail.subject == "ACCREDO-1 ответ" and "Здравствуйте!\n\nОтвет <b>" in mail.text
    assert "Ответ &lt;b&gt;" in mail.html and "Ответьте на это письмо" in mail.text
    page = page_of(client.get(f"{URL}/comment?language=ru"))
    assert "Здравствуйте!" in page and "Вернуть стандартный текст" in page
    assert "Здравствуйте!" not in page_of(client.get(f"{URL}/comment?language=en"))
    client.post(f"{URL}/comment/reset", {"language": "ru"})
    assert last_mail(cast).subject == "ACCREDO-1 Не открывается протокол"
    history = page_of(client.get("/projects/ACCREDO/settings/history"))
    assert "Текст письма «Ответ заявителю (Русский)»" in history
    event = Event.objects.filter(kind="desk.changed").latest("id")
    client.post(f"/projects/ACCREDO/settings/history/{event.pk}/undo")
    assert last_mail(cast).subject == "ACCREDO-1 ответ"


def test_words_equal_to_the_default_are_not_the_desk_s_own(cast: Cast) -> None:
    client = as_(cast.lead)
    start = client.get(f"{URL}/closed").context["form"].initial
    client.post(f"{URL}/closed", start)
    assert not MailText.objects.exclude(subject="", body="").exists()


def test_ab_84_mistakes_stand_at_their_field_with_their_line(cast: Cast) -> None:
    bad = text(subject="{settings.SECRET_KEY}", body="раз\n{comment.texxt}\n{{% load %}}\n{0.__class__}")
    page = as_(cast.lead).post(f"{URL}/comment", bad)
    words = page_of(page)
    assert page.status_code == 422
    assert "Строка 2: В этом письме нет подстановки {comment.texxt}. Может быть, {comment.text}?" in words
    assert "Строка 4:" in words and "{settings.SECRET_KEY}" in words
    assert not MailText.objects.exists()


def test_preview_of_what_is_typed_with_a_real_and_a_sample_request(cast: Cast) -> None:
    client = as_(cast.lead)
    sample = client.post(f"{URL}/comment/preview", text())
    shown = page_of(sample)
    assert "ACCREDO-4 ответ" in shown and "Мы всё исправили" in shown and "sandbox" in sample["Content-Security-Policy"]
    real = page_of(client.post(f"{URL}/comment/preview", text(ticket="1")))
    assert "ACCREDO-1 ответ" in real and "Смотрим, ответим сегодня." in real and "NOTE-9f3a" not in real
    english = page_of(client.post(f"{URL}/comment/preview", text(language="en")))
    assert "Answer this mail" in english
    wrong = page_of(client.post(f"{URL}/comment/preview", text(body="{x.y}")))
    assert "Строка 1:" in wrong and not MailText.objects.exists() and not OutboundMail.objects.exists()


def test_ab_49_a_preview_shows_no_request_of_another_desk(cast: Cast) -> None:
    shown = page_of(as_(cast.admin).post("/projects/OTHER/settings/mail/comment/preview", text(ticket="ACCREDO-1")))
    assert "ACCREDO-1" not in shown and "OTHER-4" in shown


def test_a_lead_gets_the_mail_as_typed_and_nothing_is_saved(cast: Cast) -> None:
    client = as_(cast.lead)
    answer = client.post(f"{URL}/comment/sample", text(body="Проба пера\n\n{comment.text}", ticket="ACCREDO-1"))
    page = answer.content.decode()
    assert answer.status_code == 200 and "Проба пера" in page and "lead@desk.test" in page
    mail = OutboundMail.objects.get(kind="sample")
    assert (mail.recipient, mail.person) == ("lead@desk.test", cast.lead)
    assert "Проба пера" in mail.text and mail.subject.startswith("ACCREDO-1")
    assert not MailText.objects.exists()
    refused = client.post(f"{URL}/comment/sample", text(body="{nothing}"))
    assert refused.status_code == 422 and OutboundMail.objects.filter(kind="sample").count() == 1


def test_a_sample_goes_to_nobody_else_and_not_without_end(cast: Cast) -> None:
    cache.clear()
    client = as_(cast.lead)
    for person in (cast.agent, cast.agent_elsewhere, cast.anna):
        assert as_(person).post(f"{URL}/comment/sample", text()).status_code == 404
    codes = [client.post(f"{URL}/comment/sample", text(to="evil@x.test")).status_code for _ in range(21)]
    assert codes == [200] * 20 + [422]
    assert set(OutboundMail.objects.values_list("recipient", flat=True)) == {"lead@desk.test"}
    cache.clear()
    Person.objects.filter(pk=cast.lead.pk).update(email="accredo@desk.test")
    assert client.post(f"{URL}/comment/sample", text()).status_code == 422, "a desk reads that mailbox"

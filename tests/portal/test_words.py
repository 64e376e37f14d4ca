"""Texts on the card: formatting, pictures, edits, comments with a transition, comments on tickets closed for long."""

from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from otklik.desks.models import Desk, Transition
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import attachment_for
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words, written
from otklik.tickets.models import Attachment, Message, MessageRevision, Ticket
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast, came_of
from tests.portal.helpers import as_, card, form, inbound_mail, words_said
from tests.refusing import refused_as

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


def run_dispatch() -> None:
    """Plan the mails of all events."""
    while dispatch_next():
        pass


def shown(person: Person, cast: Cast, tail: str = "") -> str:
    return as_(person).get(card(cast, tail)).content.decode()


def said(cast: Cast, person: Person, text: str, at: datetime | None = None) -> Message:
    actor = Actor(person, "portal")
    return comment(actor=actor, at=at or timezone.now(), ticket=cast.ticket, words=written(text))


def close(cast: Cast, at: datetime) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, transition=row)


def test_marks_of_customers_and_agents_are_read_and_those_of_mails_are_not(cast: Cast) -> None:
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "**Не** работает:\n\n- раз\n- два"})
    as_(cast.agent).post(f"/browse/{cast.ticket.key}/reply", {"comment": "Попробуйте ``reset``"})
    comment(actor=Actor(cast.boris, "mail"), at=timezone.now(), ticket=cast.ticket, words=Words("**из почты**"))
    for page in (shown(cast.anna, cast), as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()):
        for words in ("<strong>Не</strong>", "- два</span>", "<code>reset</code>", "**из почты**"):
            assert words in page, words


def test_a_mail_of_an_answer_says_the_same_in_text_and_html(cast: Cast) -> None:
    typed = "Сделайте **так**:\n\n2. раз  и  два\n5. C:\\_docs\\*.tmp\n\n[сайт](https://a.test)"
    said(cast, cast.agent, typed)
    run_dispatch()
    mail = OutboundMail.objects.filter(recipient="anna@clinic.test", kind="comment").latest("id")
    assert "Сделайте так:\n\n2. раз  и  два\n5. C:\\_docs\\*.tmp\n\nсайт (https://a.test)\n" in mail.text
    for words in ("<strong>так</strong>", "2. раз  и  два", "5. C:\\_docs\\*.tmp", ">сайт</a>", "white-space:pre-wrap"):
        assert words in mail.html, words


def test_a_pasted_picture_stands_in_the_text_and_not_again_below(cast: Cast, home: Path) -> None:
    files = [SimpleUploadedFile("image-1.png", PNG, "image/png"), SimpleUploadedFile("b.png", PNG, "image/png")]
    text = "Вот окно:\n[рисунок: image-1.png]"
    as_(cast.anna).post(card(cast, "/comment"), {"comment": text, "attachments": files})
    page = shown(cast.anna, cast)
    inside = Attachment.objects.get(name="image-1.png")
    assert f'<img class="inline-picture" src="/servicedesk/customershim/secure/thumbnail/{inside.pk}/' in page
    assert page.count("image-1.png") == 3  # link, picture, its words
    assert "b.png" in page


def test_ab_46_a_picture_of_another_message_cannot_be_named(cast: Cast, home: Path) -> None:
    file = SimpleUploadedFile("image-1.png", PNG, "image/png")
    as_(cast.boris).post(card(cast, "/comment"), {"comment": "моё", "attachments": file})
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "[рисунок: image-1.png] x"})
    assert "[рисунок: image-1.png] x" in shown(cast.anna, cast)


def test_the_preview_works_without_a_script_and_sends_nothing(cast: Cast) -> None:
    count = Message.objects.count()
    response = as_(cast.anna).post(card(cast, "/comment"), {"comment": "**так** <b>", "preview": "1"})
    page = response.content.decode()
    assert response.status_code == 200 and "<strong>так</strong> &lt;b&gt;" in page and "**так** &lt;b&gt;" in page
    fragment = as_(cast.agent).post("/servicedesk/customer/user/preview", {"comment": "_*да*_ <script>x</script>"})
    assert "<em>да</em>" in fragment.content.decode() and "<script" not in fragment.content.decode()
    assert Message.objects.count() == count


def test_a_comment_can_be_changed_and_what_it_said_before_stays(cast: Cast) -> None:
    message = said(cast, cast.anna, "в отделе семь")
    address = card(cast, f"/message/{message.pk}/edit")
    assert address in shown(cast.anna, cast) and address not in shown(cast.boris, cast)
    assert "в отделе семь" in as_(cast.anna).get(address).content.decode()
    assert as_(cast.anna).post(address, {"comment": "в отделе **восемь**"}).status_code == 302
    page = shown(cast.boris, cast)
    assert "<strong>восемь</strong>" in page and "изменено" in page and "Что было здесь раньше" in page
    assert "в отделе семь" in page
    row = MessageRevision.objects.get(message=message)
    assert (row.text, row.replaced_by, row.withdrawn) == ("в отделе семь", cast.anna, False)
    assert Event.objects.filter(kind="ticket.message_edited", data__message=message.pk).count() == 1


def test_only_what_was_changed_says_so_and_only_until_it_is_withdrawn(cast: Cast) -> None:
    message, actor = said(cast, cast.anna, "слова"), Actor(cast.anna, "portal")

    def changed() -> list[bool]:
        staff = as_(cast.agent).get("/browse/ACCREDO-1").content.decode()
        one = staff[staff.index(f'id="message-{message.pk}"') :].partition("</header>")[0]
        return ["изменено" in shown(cast.boris, cast), "изменено" in one]

    assert changed() == [False, False]
    edit_message(actor=actor, at=timezone.now(), message=message, words=written("другие"))
    assert changed() == [True, True]
    withdraw_message(actor=actor, at=timezone.now(), message=message)
    assert changed() == [False, False]


def test_changing_a_comment_mails_nobody_again(cast: Cast) -> None:
    message = said(cast, cast.anna, "слова")
    run_dispatch()
    count = OutboundMail.objects.count()
    edit_message(actor=Actor(cast.anna, "portal"), at=timezone.now(), message=message, words=written("другие"))
    withdraw_message(actor=Actor(cast.anna, "portal"), at=timezone.now(), message=message)
    run_dispatch()
    assert OutboundMail.objects.count() == count


def test_a_comment_withdrawn_before_its_mail_was_planned_is_mailed_to_nobody(cast: Cast) -> None:
    run_dispatch()
    count = OutboundMail.objects.count()
    message = said(cast, cast.anna, "пароль: 12345")
    withdraw_message(actor=Actor(cast.anna, "portal"), at=timezone.now(), message=message)
    run_dispatch()
    assert OutboundMail.objects.count() == count


def test_mails_that_wait_are_cancelled_and_those_that_went_stay(cast: Cast) -> None:
    message = said(cast, cast.agent, "пароль: 12345")
    run_dispatch()
    waiting = OutboundMail.objects.filter(about=message.pk)
    assert waiting.count() == 2 and {mail.state for mail in waiting} == {"queued"}
    gone = waiting.order_by("id")[0]
    OutboundMail.objects.filter(pk=gone.pk).update(state="sent", attempts=1)
    withdraw_message(actor=Actor(cast.agent, "agent"), at=timezone.now(), message=message)
    assert {mail.state for mail in waiting.exclude(pk=gone.pk)} == {"cancelled"}
    assert OutboundMail.objects.get(pk=gone.pk).state == "sent"


def test_a_withdrawn_comment_leaves_its_place_and_its_words_to_the_staff_alone(cast: Cast, home: Path) -> None:
    file = SimpleUploadedFile("secret.txt", b"secret")
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "пароль: 12345", "attachments": file})
    message = Message.objects.latest("id")
    edit_message(actor=Actor(cast.anna, "portal"), at=timezone.now(), message=message, words=written("пароль: ***"))
    assert as_(cast.anna).post(card(cast, f"/message/{message.pk}/withdraw")).status_code == 302
    for person in (cast.anna, cast.boris, cast.agent):
        page = shown(person, cast)
        assert "Автор отозвал этот комментарий." in page
        assert "12345" not in page and "пароль" not in page and "secret.txt" not in page
    staff = as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()
    assert "12345" in staff and "Отозвано автором" in staff
    attachment = Attachment.objects.get(name="secret.txt")
    assert attachment_for(cast.boris, attachment.pk) is None and attachment_for(cast.agent, attachment.pk) is not None
    assert not Message.objects.filter(text__contains="12345").exists()


def test_nobody_changes_what_is_not_theirs_or_too_old_or_came_by_mail(cast: Cast) -> None:
    now = timezone.now()
    own = said(cast, cast.anna, "моё")
    opening = Message.objects.get(ticket=cast.ticket, opening=True)
    for person, message, at in (
        (cast.boris, own, now),
        (cast.agent, own, now),
        (cast.stranger, own, now),
        (cast.anna, opening, opening.created_at),
        (cast.anna, own, now + timedelta(minutes=16)),
    ):
        for act in (edit_message, withdraw_message):
            more = {"words": written("иначе")} if act is edit_message else {}
            with refused_as("ticket.not_own_message", "ticket.participants_only", "ticket.too_late_to_edit"):
                act(actor=Actor(person, "portal"), at=at, message=message, **more)  # type: ignore[operator]
    assert as_(cast.boris).get(card(cast, f"/message/{own.pk}/edit")).status_code == 404
    assert as_(cast.boris).post(card(cast, f"/message/{own.pk}/withdraw")).status_code == 404
    own.refresh_from_db()
    assert own.text == "моё"


def test_a_desk_may_allow_longer_or_not_at_all(cast: Cast) -> None:
    Desk.objects.filter(pk=cast.desk.pk).update(edit_minutes=0)
    message = said(cast, cast.anna, "моё")
    assert "/edit" not in shown(cast.anna, cast)
    with refused_as("ticket.not_own_message"):
        withdraw_message(actor=Actor(cast.anna, "portal"), at=timezone.now(), message=message)
    Desk.objects.filter(pk=cast.desk.pk).update(edit_minutes=60)
    later = timezone.now() + timedelta(minutes=50)
    edit_message(actor=Actor(cast.anna, "portal"), at=later, message=message, words=written("иначе"))


def test_an_agent_corrects_an_own_reply_and_note(cast: Cast) -> None:
    for kind in ("public", "internal"):
        message = comment(
            actor=Actor(cast.agent, "agent"),
            at=timezone.now(),
            ticket=cast.ticket,
            words=written("опечатка"),
            kind=kind,
        )
        address = f"/browse/{cast.ticket.key}/messages/{message.pk}/edit"
        assert address in as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()
        assert as_(cast.agent).post(address, {"comment": "верно"}).status_code == 302
        message.refresh_from_db()
        assert message.text == "верно"
    page = as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()
    assert "изменено" in page and "опечатка" in page
    assert "опечатка" in shown(cast.anna, cast)  # the mail with these words went out


def test_a_change_is_news_on_an_open_card(cast: Cast) -> None:
    message = said(cast, cast.boris, "слова")
    anna = as_(cast.anna)
    address = anna.get(card(cast)).content.decode().split('hx-get="')[1].split('"')[0]
    assert anna.get(address).status_code == 204
    edit_message(actor=Actor(cast.boris, "portal"), at=timezone.now(), message=message, words=written("другие слова"))
    assert "другие слова" in anna.get(address).content.decode()


def test_a_step_with_a_word_is_one_event_and_one_mail(cast: Cast) -> None:
    run_dispatch()
    before = OutboundMail.objects.count()
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    response = as_(cast.anna).post(card(cast, f"/transition/{row.pk}"), {"comment": "Спасибо, **разобрались**!"})
    assert response.status_code == 302
    run_dispatch()
    mails = OutboundMail.objects.order_by("id")[before:]
    assert [mail.recipient for mail in mails] == ["boris@clinic.test"]
    assert "разобрались" in mails[0].text and "ACCREDO-1" in mails[0].subject
    page = shown(cast.boris, cast)
    assert "<strong>разобрались</strong>" in page and "Статус изменён на <strong>Закрыт</strong>" in page


def test_words_on_a_request_closed_for_long_open_a_linked_one_and_the_card_says_so_before(cast: Cast) -> None:
    close(cast, timezone.now() - timedelta(days=15))
    assert "будет создан новый запрос" in shown(cast.anna, cast)
    response = as_(cast.anna).post(card(cast, "/comment"), {"comment": "опять не открывается"})
    new = Ticket.objects.latest("id")
    assert response.headers["Location"] == f"/servicedesk/customer/portal/{cast.desk.pk}/{new.key}"
    assert (came_of(new), new.requester, new.subject) == (cast.ticket, cast.anna, cast.ticket.subject)
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is not None
    assert "Открыт новый запрос, связанный с закрытым." in words_said(response)


def test_words_soon_after_closing_reopen_and_the_card_says_until_when(cast: Cast) -> None:
    close(cast, timezone.now() - timedelta(days=2))
    page = shown(cast.anna, cast)
    assert "запрос откроется снова" in page and "будет создан новый запрос" not in page
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "опять"})
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is None


def test_what_opens_a_request_on_the_portal_has_marks_and_is_safe(cast: Cast) -> None:
    client = as_(cast.anna)
    said = "**Важно**: не открывается.\n\n- раз\n- два\n\n<script>pwn(1)</script> [x](javascript:pwn(1))"
    address = client.post(form(cast), {"summary": "Тема", "description": said}).headers["Location"]
    for page in (client.get(address), as_(cast.agent).get(f"/browse/{address.rpartition('/')[2]}")):
        shown = page.content.decode()
        assert "<strong>Важно</strong>: не открывается." in shown and "- раз</span>" in shown
        assert "<script>pwn" not in shown and 'href="javascript' not in shown


def test_a_mail_that_opens_a_request_has_no_marks(cast: Cast) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=True).update(text="**Важно**", inbound=inbound_mail())
    shown = as_(cast.anna).get(card(cast)).content.decode()
    assert "**Важно**" in shown and "<strong>Важно</strong>" not in shown

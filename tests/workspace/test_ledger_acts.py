"""Actions on the ledger's pages and on the ticket: forms, refusals, bulk."""

import pytest

from otklik.intake.process import process_next
from otklik.journal.models import Event
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, SenderRule
from otklik.tickets.commands.comment import hold_comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.postoffice import letter
from tests.workspace.helpers import as_, page_of, picture, words_said
from tests.workspace.test_ledger import URL, row

pytestmark = pytest.mark.usefixtures("home")


def came(cast: Cast, **words: str) -> InboundMail:
    """Return a processed mail."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = letter(**{"sender": "Зоя <zoya@clinic.test>", **words})
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=box.address, at=START)
    process_next()
    return InboundMail.objects.get(pk=mail.pk)


def held(cast: Cast) -> InboundMail:
    """Return a mail held in the cast's ticket."""
    mail = row(cast, 900, state="held", fate="held_comment", ticket_id=cast.ticket.pk, ticket_key=cast.ticket.key)
    hold_comment(at=START, ticket=cast.ticket, words=Words("Пустите"), claimed_author="Е", inbound=mail, why="Чужой.")
    return mail


def test_make_a_request_opens_it(cast: Cast) -> None:
    mail = came(cast, Auto_Submitted="auto-replied")
    response = as_(cast.agent).post(f"{URL}/{mail.pk}/request")
    assert response["Location"] == "/browse/ACCREDO-2" and Ticket.objects.get(number=2, desk=cast.desk)
    again = as_(cast.agent).post(f"{URL}/{mail.pk}/request")
    assert again["Location"] == f"{URL}/{mail.pk}" and "ACCREDO-2" in words_said(again)[-1]


@pytest.mark.parametrize("typed", ["ACCREDO-1", " accredo-1 ", "1", "№1"])
def test_attach_takes_a_number_as_people_write_it(cast: Cast, typed: str) -> None:
    mail = came(cast, Auto_Submitted="auto-replied", text="Меня нет")
    response = as_(cast.agent).post(f"{URL}/{mail.pk}/attach", {"ticket": typed})
    message = Message.objects.get(inbound=mail)
    assert response["Location"] == f"/browse/ACCREDO-1#message-{message.pk}" and message.ticket == cast.ticket


@pytest.mark.parametrize("typed", ["", "ACCREDO-99", "OTHER-1", "<script>", "9" * 30])
def test_attach_to_nothing_keeps_what_was_typed(cast: Cast, typed: str) -> None:
    mail = came(cast, Auto_Submitted="auto-replied")
    response = as_(cast.agent).post(f"{URL}/{mail.pk}/attach", {"ticket": typed})
    assert response.status_code == 422 and "field-error" in page_of(response)
    assert not Message.objects.filter(inbound=mail).exists()


def test_admit_again_spam_and_back(cast: Cast) -> None:
    mail, client = held(cast), as_(cast.agent)
    client.post(f"{URL}/{mail.pk}/admit")
    assert InboundMail.objects.get(pk=mail.pk).state == "filed" and not Message.objects.get(inbound=mail).held
    failed = row(cast, 2, state="failed", fate="unreadable")
    client.post(f"{URL}/{failed.pk}/again")
    assert InboundMail.objects.get(pk=failed.pk).state == "waiting"
    own = row(cast, 3, state="held", fate="own", reason="Петля.")
    client.post(f"{URL}/{own.pk}/spam")
    assert InboundMail.objects.get(pk=own.pk).fate == "spam" and "Не спам" in page_of(client.get(f"{URL}/{own.pk}"))
    client.post(f"{URL}/{own.pk}/not-spam")
    now = InboundMail.objects.get(pk=own.pk)
    assert (now.state, now.fate, now.reason) == ("held", "own", "Петля.")


def test_block_allow_and_take_back(cast: Cast) -> None:
    mail, client = came(cast), as_(cast.agent)
    client.post(f"{URL}/{mail.pk}/block", {"scope": "address"})
    assert [(rule.pattern, rule.verdict) for rule in SenderRule.objects.all()] == [("zoya@clinic.test", "block")]
    page = page_of(client.get(f"{URL}/{mail.pk}"))
    assert "Заблокирован: zoya@clinic.test" in page and "zoya@clinic.test" in page_of(client.get(f"{URL}/senders"))
    client.post(f"{URL}/{mail.pk}/forget")
    client.post(f"{URL}/{mail.pk}/allow", {"scope": "domain"})
    assert [(rule.pattern, rule.verdict) for rule in SenderRule.objects.all()] == [("@clinic.test", "allow")]
    client.post(f"{URL}/senders/forget", {"pattern": "@clinic.test"})
    client.post(f"{URL}/{mail.pk}/block", {"scope": "world"})
    assert not SenderRule.objects.exists()


def test_bulk_does_what_it_can_and_says_the_rest(cast: Cast) -> None:
    mails = [row(cast, 1, state="held", fate="own"), row(cast, 2), held(cast)]
    data = {"act": "spam", "mail": [mail.pk for mail in mails], "here": "fate=held&x=//evil"}
    response = as_(cast.agent).post(f"{URL}/bulk", data)
    assert response["Location"] == f"{URL}?fate=held"
    assert "2 письма" in words_said(response)[0] and "ACCREDO-1" in words_said(response)[1]
    assert sorted(InboundMail.objects.values_list("fate", flat=True)) == ["held_comment", "spam", "spam"]
    marked = Event.objects.filter(kind="mail.spam").values_list("batch_id", flat=True)
    assert len(marked) == 2 and len(set(marked)) == 1 and None not in marked


@pytest.mark.parametrize("act", ["spam", "request", "again", "admit", "block", "not_spam"])
def test_ab_59_a_foreign_id_refuses_the_whole_call(cast: Cast, act: str) -> None:
    mine, foreign = (
        row(cast, 1, state="held", fate="own"),
        row(cast, 2, box="other@desk.test", state="held", fate="own"),
    )
    before = picture(InboundMail.objects.order_by("id"))
    client = as_(cast.agent)
    for ids in ([mine.pk, foreign.pk], [mine.pk, 10**9], [mine.pk, "x"], [mine.pk, "-1"], [mine.pk, "9" * 30]):
        assert client.post(f"{URL}/bulk", {"act": act, "mail": ids}).status_code == 404
    assert picture(InboundMail.objects.order_by("id")) == before
    assert not SenderRule.objects.exists() and Ticket.objects.count() == 1


def test_two_hundred_mails_at_once_and_not_one_more(cast: Cast) -> None:
    ids = [row(cast, n, state="held", fate="own").pk for n in range(201)]
    client = as_(cast.agent)
    assert client.post(f"{URL}/bulk", {"act": "done", "mail": ids}).status_code == 404
    assert InboundMail.objects.filter(fate="own").count() == 201
    assert client.post(f"{URL}/bulk", {"act": "done", "mail": ids[:200]}).status_code == 302
    assert InboundMail.objects.filter(fate="done").count() == 200


@pytest.mark.parametrize("data", [{}, {"act": "spam"}, {"act": "delete", "mail": ["1"]}])
def test_bulk_without_mails_or_act_does_nothing(cast: Cast, data: dict[str, object]) -> None:
    mail = row(cast, 1, state="held", fate="own")
    if "mail" in data:
        data = {**data, "mail": [mail.pk]}
    assert "отметьте" in words_said(as_(cast.agent).post(f"{URL}/bulk", data))[0]
    assert InboundMail.objects.get(pk=mail.pk).fate == "own"


def test_a_message_on_the_ticket_says_why_and_moves(cast: Cast) -> None:
    mail = came(cast, text="Это к первому")
    source, message = Ticket.objects.get(pk=mail.ticket_id or 0), Message.objects.get(inbound=mail)
    client, url = as_(cast.agent), f"/browse/{source.key}/messages/{message.pk}/move"
    page = page_of(client.get(f"/browse/{source.key}"))
    assert "Почему это здесь" in page and url in page and f"{URL}/{mail.pk}" in page and "/split" not in page
    assert source.key in page_of(client.get(url))
    assert client.post(url, {"ticket": source.key}).status_code == 422
    assert client.post(url, {"ticket": "OTHER-1"}).status_code == 422
    response = client.post(url, {"ticket": "1"})
    moved = Message.objects.get(inbound=mail)
    assert response["Location"] == f"/browse/ACCREDO-1#message-{moved.pk}" and moved.text == "Это к первому"
    source.refresh_from_db()
    assert source.status.is_done


def test_a_held_message_becomes_a_request_from_the_ticket(cast: Cast) -> None:
    mail = held(cast)
    message = Message.objects.get(inbound=mail)
    client = as_(cast.agent)
    url = f"/browse/ACCREDO-1/messages/{message.pk}/split"
    assert url in page_of(client.get("/browse/ACCREDO-1"))
    assert client.post(url)["Location"] == "/browse/ACCREDO-2"
    assert Message.objects.get(inbound=mail).ticket.key == "ACCREDO-2"
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert "убрано из этого запроса" in page and "Пустите" not in page
    assert client.post(url).status_code == 404


def test_what_did_not_come_by_mail_does_not_move(cast: Cast) -> None:
    for message in cast.ticket.messages.all():
        for act in ("move", "split"):
            assert as_(cast.agent).post(f"/browse/ACCREDO-1/messages/{message.pk}/{act}").status_code == 404


def test_the_request_for_a_mail_is_found_by_words_and_seen_before(cast: Cast) -> None:
    mail, client = came(cast, Auto_Submitted="auto-replied", text="Меня нет"), as_(cast.agent)
    url = f"{URL}/{mail.pk}/attach"
    part = page_of(client.post(url, {"ticket": "протокол"}, headers={"HX-Request": "true"}))
    assert part.lstrip().startswith('<div id="targets"') and 'value="ACCREDO-1"' in part and "<html" not in part
    for typed in ("протокол", "протоколы", "ACCREDO-1", "1"):
        found = client.post(url, {"ticket": typed, "find": "1"})
        assert (
            found.status_code == 200 and 'value="ACCREDO-1"' in page_of(found) and "field-error" not in page_of(found)
        )
    assert "нет такого запроса" in page_of(client.post(url, {"ticket": "бегемот", "find": "1"}))
    words = client.post(url, {"ticket": "протокол"})
    assert words.status_code == 422 and 'value="ACCREDO-1"' in page_of(words)
    assert not Message.objects.filter(inbound=mail).exists()
    client.post(url, {"ticket": "протокол", "to": "ACCREDO-1"})
    assert Message.objects.get(inbound=mail).ticket == cast.ticket


def test_the_list_has_no_column_that_says_nothing(cast: Cast) -> None:
    came(cast, text="Новое дело")
    assert "Правило" not in page_of(as_(cast.agent).get(URL))

"""Values of the ledger's and outbox' pages in both branches of each condition, without templates."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from otklik.mail.models import AddressTrouble, DeliveryAttempt, InboundMail, Mailbox, OutboundMail
from otklik.mail.queries import STALE, MailNumbers, OwnTrouble
from otklik.tickets.models import Message
from otklik.workspace.pages.ledger import alarms_of as ledger_alarms
from otklik.workspace.pages.ledger import ledger_page
from otklik.workspace.pages.ledger import row_of as ledger_row
from otklik.workspace.pages.outbox import alarms_of, out_mail_page, outbox_page
from otklik.workspace.pages.outbox import row_of as outbox_row
from otklik.workspace.pages.received_mail import MailPage, mail_page
from tests.cast import START, Cast


def received(state: str = "filed", fate: str = "request", **more: Any) -> InboundMail:
    """Create a mail of the desk's ledger."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    number = InboundMail.objects.count()
    values = {
        "mailbox": box, "transport": "smtp", "envelope_from": "x@y.test", "envelope_to": box.address,
        "raw": b"a: b\r\n\r\nx", "received_at": START, "size": 9, "digest": f"{number:064d}", "state": state,
        "fate": fate, "from_address": "x@y.test",
        "settled_at": None if state == "waiting" else START,
    }  # fmt: skip
    return InboundMail.objects.create(**{**values, **more})


def acts(page: MailPage) -> list[str]:
    return [act.url.rpartition("/")[2] for act in page.acts]


def became(cast: Cast, mail: InboundMail, *, opening: bool = False, held: bool = False) -> Message:
    """Link the mail to the cast's opening or to its answer; return the message."""
    message = Message.objects.get(ticket=cast.ticket, kind="public", opening=opening)
    message.inbound, message.held = mail, held
    if held:
        message.author, message.claimed_author = None, "x"
    message.save()
    return message


@pytest.mark.parametrize(
    ("state", "fate", "offered"),
    [
        ("waiting", "", []),
        ("filed", "spam", ["not-spam"]),
        ("filed", "auto_reply", ["request", "spam"]),
        ("filed", "request", ["request", "spam"]),
        ("held", "held_comment", ["request", "again", "done", "spam"]),
        ("failed", "unreadable", ["request", "again", "done", "spam"]),
    ],
)
def test_what_can_be_done_with_a_mail_that_is_no_message(cast: Cast, state: str, fate: str, offered: list[str]) -> None:
    page = mail_page(cast.desk, received(state, fate))
    assert acts(page) == offered and page.message_url == "" and not page.held
    assert bool(page.attach_url) is (fate != "spam" and state != "waiting")


def test_what_can_be_done_with_a_mail_that_is_a_message(cast: Cast) -> None:
    mail = received("held", "held_comment")
    became(cast, mail, held=True)
    page = mail_page(cast.desk, mail)
    assert acts(page) == ["admit", "request", "again", "done"] and page.held
    assert [act.main for act in page.acts] == [True, False, False, False] and page.acts[0].confirm
    assert page.message_url.startswith("/browse/ACCREDO-1#message-")
    comment = received()
    Message.objects.filter(inbound=mail).update(inbound=None, held=False)
    became(cast, comment)
    assert acts(mail_page(cast.desk, comment)) == ["request"]
    opened = received()
    became(cast, opened, opening=True)
    assert acts(mail_page(cast.desk, opened)) == ["spam"]


def test_an_original_that_was_removed_can_be_neither_taken_nor_placed(cast: Cast) -> None:
    mail = received("failed", "unreadable")
    whole = mail_page(cast.desk, mail)
    assert whole.eml_url and whole.attach_url and "request" in acts(whole)
    mail.raw, mail.raw_removed_at = b"", START
    gone = mail_page(cast.desk, mail)
    assert (gone.eml_url, gone.attach_url) == ("", "") and "request" not in acts(gone)
    assert any("удал" in fact.value for fact in gone.facts)


def test_ab_49_the_key_of_another_desk_says_nothing(cast: Cast) -> None:
    own, other = received(ticket_key="ACCREDO-7"), received(ticket_key="OTHER-7")
    assert ledger_row(cast.desk, own).ticket_url == "/browse/ACCREDO-7"
    assert (ledger_row(cast.desk, other).ticket_key, ledger_row(cast.desk, other).ticket_url) == ("", "")
    # A key that only begins alike is another desk's, too.
    alike = received(ticket_key="ACCREDO2-7")
    assert ledger_row(cast.desk, alike).ticket_key == ""


def test_the_message_of_another_desk_is_not_linked(cast: Cast) -> None:
    mail = received()
    became(cast, mail, opening=True)
    assert mail_page(cast.desk, mail).message_url and mail_page(cast.other_desk, mail).message_url == ""


def test_a_mail_without_a_subject_says_whether_it_was_read(cast: Cast) -> None:
    assert ledger_row(cast.desk, received("waiting", "")).subject == "(ещё не прочитано)"
    assert ledger_row(cast.desk, received()).subject == "(без темы)"
    assert ledger_row(cast.desk, received(subject="Тема")).subject == "Тема"


def test_a_mail_without_an_author_is_named_by_its_envelope(cast: Cast) -> None:
    assert ledger_row(cast.desk, received(from_address="")).address == "x@y.test"
    assert ledger_row(cast.desk, received(from_address="", envelope_from="")).address == "?"


def test_late_mail_alarms_beyond_the_limit_and_not_at_it(cast: Cast) -> None:
    usual = ledger_page(desk=cast.desk, query={}, at=START)
    assert usual.alarms == []
    late, right = START - STALE - timedelta(seconds=1), START - STALE
    numbers = dict.fromkeys(MailNumbers.__dataclass_fields__, 0)

    def told(**more: Any) -> int:
        return len(
            ledger_alarms(MailNumbers(**{**numbers, "oldest_waiting": None, "oldest_unsent": None, **more}), START)
        )

    assert told() == 0 and told(mailboxes_failing=1) == 1
    assert told(oldest_waiting=right, oldest_unsent=right) == 0
    assert (told(oldest_waiting=late), told(oldest_unsent=late)) == (1, 1)


# --- the outbox -----------------------------------------------------------------------------------------------------


def sent(state: str, **more: Any) -> OutboundMail:
    """Create a mail of the desk's outbox."""
    number = OutboundMail.objects.count()
    now = timezone.now()
    values = {
        "recipient": "anna@clinic.test", "sender": "accredo@desk.test", "sender_name": "Служба", "kind": "comment",
        "cause": f"test {number}", "subject": "Тема", "text": "Слова письма", "message_id": f"<{number}@desk.test>",
        "state": state, "created_at": now, "retry_at": now,
    }  # fmt: skip
    return OutboundMail.objects.create(**{**values, **more})


@pytest.mark.parametrize(
    ("state", "offered", "bad", "waits"),
    [
        ("queued", ["now", "cancel"], False, True),
        ("restored", ["again", "cancel"], True, False),
        ("sent", [], False, False),
        ("kept", ["again"], False, False),
        ("failed", ["again"], True, False),
        ("stopped", ["again"], True, False),
        ("cancelled", ["again"], False, False),
    ],
)
def test_what_can_be_done_with_a_mail_of_ours(
    cast: Cast, state: str, offered: list[str], bad: bool, waits: bool
) -> None:
    page = out_mail_page(cast.desk, sent(state))
    assert [act.url.rpartition("/")[2] for act in page.acts] == offered
    assert (page.row.bad, page.row.next_try is not None) == (bad, waits)
    assert page.text == "Слова письма" and (page.trouble, page.clear_url) == ("", "")


def test_a_mail_that_lost_its_words_is_not_tried_again(cast: Cast) -> None:
    assert out_mail_page(cast.desk, sent("failed")).acts and not out_mail_page(cast.desk, sent("failed", text="")).acts


def test_ab_29_words_with_power_are_not_shown(cast: Cast) -> None:
    assert out_mail_page(cast.desk, sent("queued", sensitive=True)).text == ""


def test_an_address_that_takes_no_mail_is_told_and_can_be_cleared(cast: Cast) -> None:
    mail = sent("failed")
    AddressTrouble.objects.create(address="boris@clinic.test", words="550", last_at=START, stopped_at=START)
    assert out_mail_page(cast.desk, mail).clear_url == ""
    AddressTrouble.objects.create(address=mail.recipient, words="550 no", last_at=START, stopped_at=START)
    page = out_mail_page(cast.desk, mail)
    assert page.trouble == "550 no" and page.clear_url


def test_tries_stand_in_order_and_the_last_answer_is_that_of_the_server(cast: Cast) -> None:
    mail = sent("sent", sent_at=START + timedelta(hours=1), answer="250 OK")
    DeliveryAttempt.objects.create(mail=mail, at=START + timedelta(hours=2), outcome="returned", answer="позже")
    DeliveryAttempt.objects.create(mail=mail, at=START, outcome="later", answer="451")
    assert [attempt.words for attempt in out_mail_page(cast.desk, mail).tries] == ["451", "250 OK", "позже"]
    OutboundMail.objects.filter(pk=mail.pk).update(state="failed")
    mail.refresh_from_db()
    assert [attempt.words for attempt in out_mail_page(cast.desk, mail).tries] == ["451", "", "позже"]


def test_a_mail_leads_to_its_request_where_it_is_about_one(cast: Cast) -> None:
    assert outbox_row(cast.desk, sent("sent")).ticket_url == ""
    assert outbox_row(cast.desk, sent("sent", ticket_key="ACCREDO-1")).ticket_url == "/browse/ACCREDO-1"


def test_what_waits_because_we_are_refused_is_one_sentence() -> None:
    none = OwnTrouble(mails=0, some=0, since=None, words="")
    assert alarms_of(none) == []
    one, other = (
        alarms_of(OwnTrouble(mails=2, some=1, since=START, words="554 " + "x" * 300))[0],
        alarms_of(OwnTrouble(mails=0, some=1, since=None, words=""))[0],
    )
    assert "3" in one and "554" in one and "x" * 197 not in one and other != one


def test_states_are_counted_but_for_what_went(cast: Cast) -> None:
    for state in ("sent", "failed", "failed", "queued"):
        sent(state, desk_id=cast.desk.pk)
    states = {link.url: (link.count, link.bad) for link in outbox_page(desk=cast.desk, query={}).states}
    assert states == {"?state=queued": (1, False), "?state=failed": (2, True)}

"""Rolling back an import of old mail: its tickets go, those that people touched stay, the ledger records it."""

import datetime as dt

import pytest
from django.utils import timezone

from otklik.journal.models import Event
from otklik.mail.imap.fetch import fetch_once
from otklik.mail.imap.folder_scan import TRIES
from otklik.mail.models import ImapAccount, InboundMail, Mailbox, MailImport
from otklik.mail.queries import mail_numbers
from otklik.mail.reasons import in_words
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.mail.imap.servers import Dovecot
from tests.mail.imap.test_commands import ADDRESS, _own_database, add, fetch, mailbox
from tests.postoffice import letter, run_all
from tests.worker.test_poisoned_rows import refusing

__all__ = ["_own_database"]
pytestmark = pytest.mark.services
OLD = dt.timedelta(days=20)


def imported(dovecot: Dovecot, user: str, *subjects: str) -> None:
    dovecot.put(
        user, *[letter(subject=one, sender=f"{one}@clinic.test") for one in subjects], came=timezone.now() - OLD
    )
    assert add(dovecot, user, "--since", "all").exit_code == 0
    fetch()
    run_all(deliver_too=False)


def subjects() -> set[str]:
    return set(Ticket.objects.values_list("subject", flat=True))


def test_what_nobody_touched_goes_and_numbers_stay_used(people: Cast, dovecot: Dovecot, user: str) -> None:
    imported(dovecot, user, "eins", "zwei")
    before = mail_numbers()
    said = mailbox("rollback", ADDRESS, "--yes")
    assert said.exit_code == 0 and "2 mails, 2 requests and 0 comments to be removed" in said.output
    assert subjects() == {people.ticket.subject}
    rows = InboundMail.objects.all()
    assert {(row.state, row.fate, row.ticket_id) for row in rows} == {("filed", "rolled_back", None)}
    assert in_words(rows[0].reason) == "Импорт письма отменён: Otklik."
    assert (mail_numbers().offered, mail_numbers().filed) == (before.offered, 2)
    assert Event.objects.filter(kind="ticket.rolled_back").count() == 2
    (event,) = Event.objects.filter(kind="mailbox.import_rolled_back")
    assert event.data["tickets"] == 2
    dovecot.put(user, letter(subject="neu", sender="neu@clinic.test"))
    fetch()
    run_all(deliver_too=False)
    assert Ticket.objects.get(subject="neu").number == 4, "the numbers 2 and 3 stay used"


def test_what_somebody_touched_stays(people: Cast, dovecot: Dovecot, user: str) -> None:
    imported(dovecot, user, "eins", "zwei", "drei")
    actor = Actor(people.agent, "agent")
    comment(actor=actor, at=timezone.now(), ticket=Ticket.objects.get(subject="zwei"), words=Words("Ответ"))
    assert "2 requests and 0 comments to be removed, 1 mails stay" in mailbox("imports", ADDRESS).output
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 0
    assert subjects() == {people.ticket.subject, "zwei"}
    assert InboundMail.objects.get(subject="zwei").fate == "request"


def test_a_reply_that_the_import_brought_goes_with_its_request(people: Cast, dovecot: Dovecot, user: str) -> None:
    first = letter(subject="Frage", sender="x@clinic.test", Message_ID="<q@clinic.test>")
    second = letter(subject="Re: Frage", sender="x@clinic.test", In_Reply_To="<q@clinic.test>")
    dovecot.put(user, first, second, came=timezone.now() - OLD)
    add(dovecot, user, "--since", "all")
    fetch()
    run_all(deliver_too=False)
    assert Message.objects.filter(ticket__subject="Frage").count() == 2
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 0
    assert subjects() == {people.ticket.subject}
    assert set(InboundMail.objects.values_list("fate", flat=True)) == {"rolled_back"}


def test_it_asks_first_and_is_done_once(people: Cast, dovecot: Dovecot, user: str) -> None:
    imported(dovecot, user, "eins")
    assert mailbox("rollback", ADDRESS, stdin="n\n").exit_code == 1
    assert "eins" in subjects()
    assert mailbox("rollback", ADDRESS, stdin="y\n").exit_code == 0
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 1
    assert "taken back" in mailbox("imports", ADDRESS).output


def test_an_import_that_is_under_way_ends_there(people: Cast, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, letter(subject="alt", sender="a@clinic.test"), came=timezone.now() - OLD)
    add(dovecot, user, "--since", "all")
    run = MailImport.objects.get()
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 0
    fetch()
    assert not InboundMail.objects.exists() and ImapAccount.objects.get().current_import is None
    run.refresh_from_db()
    assert run.rolled_back_at is not None


def test_the_folder_can_be_imported_again(people: Cast, dovecot: Dovecot, user: str) -> None:
    imported(dovecot, user, "eins")
    mailbox("rollback", ADDRESS, "--yes")
    assert add(dovecot, user, "--since", "all").exit_code == 0
    fetch()
    run_all(deliver_too=False)
    assert subjects() == {people.ticket.subject, "eins"}
    assert sorted(InboundMail.objects.values_list("fate", flat=True)) == ["request", "rolled_back"]
    assert mail_numbers().copies == 0


def test_a_request_that_cannot_be_removed_keeps_no_other(people: Cast, dovecot: Dovecot, user: str) -> None:
    imported(dovecot, user, "eins", "zwei", "drei")
    with refusing("tickets_ticket", "OLD.subject = 'zwei'"):
        said = mailbox("rollback", ADDRESS, "--yes")
    assert said.exit_code == 1 and "1 mails cannot be taken back" in said.output
    assert subjects() == {people.ticket.subject, "zwei"} and Ticket.objects.get(subject="zwei").messages.count() == 1
    assert InboundMail.objects.get(subject="zwei").fate == "request" and MailImport.objects.get().rolled_back_at is None
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 0
    assert subjects() == {people.ticket.subject} and MailImport.objects.get().rolled_back_at is not None


@pytest.mark.parametrize("since", ["all", "now"])
def test_a_mail_that_cannot_be_stored_keeps_no_other_from_being_taken(
    people: Cast, dovecot: Dovecot, user: str, since: str
) -> None:
    letters = [letter(subject=one, sender=f"{one}@clinic.test") for one in ("eins", "zwei", "drei")]
    if since == "now":
        assert add(dovecot, user, "--since", since).exit_code == 0
    dovecot.put(user, *letters, came=timezone.now() - (OLD if since == "all" else dt.timedelta(0)))
    if since == "all":
        assert add(dovecot, user, "--since", since).exit_code == 0
    with refusing("mail_inboundmail", "position('zwei@' in convert_from(NEW.raw, 'UTF8')) > 0"):
        for _ in range(TRIES):
            ImapAccount.objects.update(retry_at=None)
            assert "cannot be stored" in "".join(fetch_once().values())
        assert InboundMail.objects.count() == 1, "the machine may be well again soon"
        ImapAccount.objects.update(retry_at=None)
        assert not any(fetch_once().values())
    run_all(deliver_too=False)
    account = ImapAccount.objects.get()
    assert subjects() == {people.ticket.subject, "eins", f"Mail 2 in INBOX at {account.host}", "drei"}
    note = InboundMail.objects.get(subject__startswith="Mail 2 in")
    assert note.full_size is not None and note.full_size >= len(letters[1]) and note.imported is (since == "all")
    assert account.offered == 3 and account.failures == 0
    assert len(dovecot.numbers(user)) == 3, "the mail itself stays where it is"


def test_without_a_number_the_last_import_goes_that_is_still_there(people: Cast) -> None:
    box, other = Mailbox.objects.get(address=ADDRESS), Mailbox.objects.exclude(address=ADDRESS)[0]
    runs = [MailImport.objects.create(mailbox=box, source="x", started_at=timezone.now()) for _ in range(3)]
    MailImport.objects.create(mailbox=other, source="x", started_at=timezone.now())
    for run in reversed(runs):
        said = mailbox("rollback", ADDRESS, "--yes")
        assert said.exit_code == 0 and f"import {run.pk} of" in said.output
    assert mailbox("rollback", ADDRESS, "--yes").exit_code == 1
    assert MailImport.objects.filter(rolled_back_at=None).count() == 1

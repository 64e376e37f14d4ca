"""What a desk is made of, on a page for those who lead it."""

from django.utils import timezone

from otklik.mail.models import ImapAccount, Mailbox
from tests.cast import START, Cast, as_

URL = "/projects/ACCREDO/settings/overview"


def test_a_lead_reads_who_works_here_and_how_that_is_changed(cast: Cast) -> None:
    page = as_(cast.lead).get(URL).content.decode()
    assert "Глеб Орлов" in page and "agent@desk.test" in page and "Олег Дальний" not in page
    assert "otklik person invite MAIL --role agent --desk ACCREDO" in page
    assert "accredo@desk.test" in page and "other@desk.test" not in page
    for row in (*cast.desk.queues.all(), *cast.desk.statuses.all()):
        assert row.name in page
    assert "Взять в работу" in page


def test_a_fetched_mailbox_shows_its_last_error_and_never_its_secret(cast: Cast) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    account = ImapAccount.objects.create(
        mailbox=box, host="imap.test", port=993, username="u", secret="SECRET-7", created_at=START, changed_at=START
    )
    account.failures, account.last_error = 2, "login refused"
    account.save()
    page = as_(cast.lead).get(URL).content.decode()
    assert "u at imap.test:993/INBOX" in page and "login refused" in page and "SECRET-7" not in page
    account.failures, account.last_ok_at = 0, timezone.now()
    account.save()
    assert "login refused" not in as_(cast.lead).get(URL).content.decode()


def test_it_is_for_leads(cast: Cast) -> None:
    assert as_(cast.agent).get(URL).status_code == 404 and as_(cast.anna).get(URL).status_code == 404

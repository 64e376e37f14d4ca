"""The overview of a desk's settings for its leads."""

import re

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


def test_each_status_names_the_steps_that_lead_out_of_it(cast: Cast) -> None:
    first, second = cast.desk.statuses.order_by("position")[:2]
    cast.desk.transitions.all().delete()
    for name, source, target in (("Вперёд", first, second), ("Откуда угодно сюда", None, first)):
        cast.desk.transitions.create(name=name, source=source, target=target, position=1)
    page = as_(cast.lead).get(URL).content.decode()
    rows = re.findall(r'<td><span[^>]*class="[^"]*status[^"]*".*?</td><td class="subject">(.*?)</td>', page, re.S)
    assert rows[:2] == ["Вперёд", "Откуда угодно сюда"]

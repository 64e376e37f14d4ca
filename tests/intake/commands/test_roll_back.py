"""`roll_back` rolls back an import of old mail."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from otklik.intake.commands.rollback import roll_back, survey_of
from otklik.journal.models import Event
from otklik.mail.models import ImapAccount, InboundMail, MailImport
from otklik.people.actor import system
from otklik.tickets.models import Ticket
from tests.acting import locks
from tests.cast import Cast
from tests.intake.test_rollback_guards import given, mailed, new_import, taken, told
from tests.mail.commands.parts import folder
from tests.refusing import refused_as


@pytest.mark.parametrize("act", [None, told, given, mailed])
def test_a_request_goes_unless_somebody_did_anything_with_it(
    people: Cast, act: Callable[[Cast, Ticket], None] | None
) -> None:
    run = new_import()
    ticket = Ticket.objects.get(key=taken(run, "старое").ticket_key)
    if act is not None:
        act(people, ticket)
    counts = survey_of(run)
    assert (counts.tickets, counts.kept) == ((1, 0) if act is None else (0, 1))
    assert Ticket.objects.filter(pk=ticket.pk).exists(), "looking changes nothing"
    with locks(MailImport, InboundMail):
        assert roll_back(actor=system("cli"), at=timezone.now(), run=run) == counts
    assert Ticket.objects.filter(pk=ticket.pk).exists() is (act is not None)
    assert (InboundMail.objects.get(import_run=run).fate == "rolled_back") is (act is None)


def test_another_import_and_a_second_time_are_left_alone(people: Cast) -> None:
    first, second = new_import(), new_import()
    taken(first, "первый")
    kept = taken(second, "второй")
    roll_back(actor=system("cli"), at=timezone.now(), run=first)
    assert Ticket.objects.filter(key=kept.ticket_key).exists()
    assert Event.objects.filter(kind="mailbox.import_rolled_back").count() == 1
    with refused_as("intake.import_taken_back"):
        roll_back(actor=system("cli"), at=timezone.now(), run=MailImport.objects.get(pk=first.pk))


def test_only_the_folders_of_this_import_are_taken_no_further(people: Cast) -> None:
    runs = [new_import(), new_import()]
    for run in runs:
        folder(folder=f"x{run.pk}", current_import=run, last_uid=3, import_below=40).save()
    roll_back(actor=system("cli"), at=timezone.now(), run=runs[0])
    rows = ImapAccount.objects.order_by("pk").values_list("current_import", "last_uid")
    assert list(rows) == [(None, 39), (runs[1].pk, 3)]

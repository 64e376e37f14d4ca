"""Manual actions on mails that the rules refuse, tried at the commands."""

from django.utils import timezone

from otklik.intake.commands.dismiss import see_to
from otklik.intake.commands.placement import admit, attach, make_request
from otklik.intake.commands.reprocess import run_again
from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_apply import by, fresh, held_mail, second_ticket
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter
from tests.refusing import refused_as


def test_of_another_desk_and_customers_nobody_even_learns_how_the_mail_stands(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    mark_spam_of = inject(letter(sender="Спам <s@elsewhere.test>"))
    mark_spam(actor=by(people.agent), at=timezone.now(), mail=mark_spam_of)
    people.agent_elsewhere.refresh_from_db()
    for who in (people.anna, people.agent_elsewhere):
        for act, mail in (
            (make_request, row),
            (admit, row),
            (run_again, row),
            (see_to, row),
            (mark_spam, inject(letter(sender=f"Новый <n{who.pk}@elsewhere.test>"))),
            (unmark_spam, mark_spam_of),
        ):
            before = fresh(mail)
            with refused_as("ticket.staff_only"):
                act(actor=by(who), at=timezone.now(), mail=mail)
            assert (fresh(mail).state, fresh(mail).fate) == (before.state, before.fate)


def test_what_is_marked_as_spam_is_put_nowhere_before_that_is_taken_back(people: Cast, sink: Sink) -> None:
    opened = inject(letter(sender="Новый <new@clinic.test>"))
    plain = inject(letter(sender="Робот <r@clinic.test>", Auto_Submitted="auto-replied"))
    for row in (opened, plain):
        mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
        tickets = Ticket.objects.count()
        with refused_as("intake.is_spam"):
            make_request(actor=by(people.agent), at=timezone.now(), mail=row)
        with refused_as("intake.is_spam"):
            attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=second_ticket(people))
        assert fresh(row).fate == "spam" and Ticket.objects.count() == tickets + 1
        with refused_as("intake.spam_already"):
            mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)


def test_a_filed_mail_is_neither_run_again_nor_seen_to(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Новый <new@clinic.test>"))
    for act in (run_again, see_to):
        with refused_as("intake.not_to_run_again", "intake.filed_already"):
            act(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "request"

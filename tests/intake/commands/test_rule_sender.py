"""`rule_sender` sets a rule about a sender."""

import pytest

from otklik.intake.commands.senders import rule_sender
from otklik.mail.inbox import accept
from otklik.mail.models import Mailbox, SenderRule
from tests.acting import by as act_by
from tests.acting import refuses, tells
from tests.cast import START, Cast
from tests.intake.test_apply import by, fresh
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


def test_an_address_outweighs_its_domain_and_another_desk_is_not_asked(people: Cast, sink: Sink) -> None:
    rule_sender(actor=by(people.agent), at=START, desk=people.desk, pattern="@elsewhere.test", verdict="block")
    rule_sender(actor=by(people.agent), at=START, desk=people.desk, pattern="good@elsewhere.test", verdict="allow")
    assert inject(letter(sender="good@elsewhere.test")).fate == "request"
    box = Mailbox.objects.get(address="other@desk.test")
    mail = accept(
        raw=letter(sender="bad@elsewhere.test", to="other@desk.test"), mailbox=box, transport="smtp",
        envelope_from="", envelope_to="other@desk.test", at=START,
    )  # fmt: skip
    run_all()
    assert fresh(mail).fate == "request"


def test_an_allowed_machine_writes_requests_and_is_not_answered(people: Cast, sink: Sink) -> None:
    rule_sender(actor=by(people.agent), at=START, desk=people.desk, pattern="@clinic.test", verdict="allow")
    sink.taken.clear()
    row = inject(letter(sender="monitor@clinic.test", Auto_Submitted="auto-replied"))
    assert row.fate == "request" and row.silent and not sink.to("monitor@clinic.test")
    assert inject(letter(sender="list@clinic.test", Precedence="list")).silent == ""


@pytest.mark.parametrize("pattern", ["accredo@desk.test", "@desk.test", "@mail.ru", "", "@", "nobody", "a@b@c", "@а б"])
def test_no_rule_about_ourselves_or_everybody(people: Cast, pattern: str) -> None:
    with refused_as("intake.address_of_own_desk", "intake.domain_too_large", "person.bad_address"):
        rule_sender(actor=by(people.agent), at=START, desk=people.desk, pattern=pattern, verdict="block")
    assert not SenderRule.objects.exists()


def test_a_rule_replaces_the_earlier_one_and_only_staff_make_it(cast: Cast) -> None:
    with tells("mail.sender_ruled", "mail.sender_ruled"):
        for verdict in ("block", "allow"):
            assert (
                rule_sender(**act_by(cast.agent), desk=cast.desk, pattern="X@Bad.test ", verdict=verdict)
                == "x@bad.test"
            )
    assert SenderRule.objects.get().verdict == "allow"
    for who, pattern in ((cast.anna, "y@bad.test"), (cast.agent, "no address")):
        with refuses("ticket.staff_only", "person.bad_address"):
            rule_sender(**act_by(who), desk=cast.desk, pattern=pattern, verdict="block")

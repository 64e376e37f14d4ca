"""`otklik mail deliver`: the mailbox of a piped mail, even without an envelope."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from otklik.cli.mail_store import take
from otklik.desks.models import Channel
from otklik.mail.models import InboundMail
from tests.cast import Cast
from tests.postoffice import Sink, letter, run_all

NOBODYS = letter(to="undisclosed-recipients:;")


@pytest.mark.parametrize("name", ["To", "Cc", "Delivered-To", "X-Original-To"])
def test_the_headers_say_whose_it_is(people: Cast, sink: Sink, name: str) -> None:
    assert take(f"{name}: other@desk.test\n".encode() + letter(to="friend@elsewhere.test"), "")
    assert InboundMail.objects.get().mailbox.address == "other@desk.test"


def test_with_one_desk_a_mail_that_names_nobody_is_its_request(people: Cast, sink: Sink) -> None:
    Channel.objects.filter(desk=people.other_desk).delete()
    assert take(NOBODYS, "")
    run_all()
    assert InboundMail.objects.get().fate == "request"


def test_with_several_desks_it_is_held_for_a_person(people: Cast, sink: Sink) -> None:
    assert take(NOBODYS, "")
    run_all()
    row = InboundMail.objects.get()
    assert (row.state, row.fate, row.mailbox.address) == ("held", "astray", "accredo@desk.test")


def test_a_mailbox_of_last_resort_can_be_named(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.DEFAULT_MAILBOX = "other@desk.test"
    assert take(NOBODYS, "")
    run_all()
    row = InboundMail.objects.get()
    assert (row.fate, row.mailbox.address) == ("request", "other@desk.test")


def test_an_address_that_is_given_must_be_ours(people: Cast) -> None:
    assert not take(letter(), "nobody@elsewhere.test") and not InboundMail.objects.exists()


@pytest.mark.django_db
def test_without_any_mailbox_the_mail_server_keeps_it(home: Path) -> None:
    assert not take(NOBODYS, "")

"""The command line speaks one language, whatever the site's is."""

import re

import pytest
from django.utils import translation
from typer.testing import CliRunner

from otklik.cli import desk, organization, person, ticket
from otklik.mail.reasons import because
from otklik.tickets.models import Message
from tests.cast import Cast

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command must not look after a database of its own: the test's is there."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


@pytest.mark.parametrize(
    ("app", "words", "typed"),
    [
        (person.app, ["add", "new@clinic.test", "--name", "New", "--password-stdin"], "short\n"),
        (person.app, ["add", "not an address", "--name", "New"], ""),
        (organization.app, ["add", "Clinic", "--domain", "not a domain"], ""),
        (desk.app, ["add", "ACCREDO", "--name", "N", "--address", "n@desk.test"], ""),
        (ticket.app, ["show", "ACCREDO-99"], ""),
    ],
)
def test_what_a_command_refuses_is_said_in_its_own_language(
    cast: Cast, app: object, words: list[str], typed: str
) -> None:
    with translation.override("ru"):
        done = CliRunner().invoke(app, words, input=typed)  # type: ignore[arg-type]  # typer's own
    said = done.output + done.stderr
    assert done.exit_code == 1 and said.strip() and CYRILLIC.search(said) is None, said


def test_why_a_message_is_on_a_ticket_is_said_as_the_staff_reads_it(cast: Cast) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=True).update(why=because("subject"))
    said = CliRunner().invoke(ticket.app, ["show", "ACCREDO-1", "--json"]).output
    assert "В теме письма назван этот запрос." in said


def test_a_desk_s_key_may_be_typed_in_small_letters(cast: Cast) -> None:
    done = CliRunner().invoke(desk.app, ["add", "lab", "--name", "Lab", "--address", "lab@desk.test"])
    assert done.exit_code == 0 and done.output.startswith("LAB: ")

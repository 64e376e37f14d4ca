"""The command line is in English, whatever the site's language is."""

import json
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
    """Keep the command from starting the embedded server; it uses the test's database."""
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


@pytest.mark.parametrize(
    ("app", "words", "said"),
    [
        (desk.app, ["show", "accredo"], "ACCREDO"),
        (ticket.app, ["show", "accredo-1"], "ACCREDO-1"),
        (ticket.app, ["list", "--desk", "accredo"], "ACCREDO-1"),
        (person.app, ["add", "vera@clinic.test", "--name", "V", "--role", "agent", "--desk", "accredo"], "ACCREDO"),
    ],
)
def test_keys_may_be_typed_in_small_letters(cast: Cast, app: object, words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, words)  # type: ignore[arg-type]  # typer's own
    assert done.exit_code == 0 and said in done.output


def test_only_the_desk_that_was_named_is_listed(cast: Cast) -> None:
    assert json.loads(CliRunner().invoke(ticket.app, ["list", "--desk", "OTHER", "--json"]).output) == []


def test_organisations_are_made_changed_joined_left_and_listed(cast: Cast) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(organization.app, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    def listed() -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(run("list", "--json"))
        return found

    assert run("add", "Clinic", "--domain", "new.test") == "Clinic: added, 0 members\n"
    assert run("add", "Clinic", "--open", "--domain", "new.test") == "Clinic: changed, 0 members\n"
    assert run("add", "Alpha").startswith("Alpha: added")
    run("member", "Clinic", "anna@clinic.test", "--sees-all")
    clinic = {"name": "Clinic", "open": True, "domains": ["new.test"], "members": 1}
    assert listed() == [{"name": "Alpha", "open": False, "domains": [], "members": 0}, clinic]
    assert run("list").splitlines()[1].startswith("Clinic  open  members=1")
    assert run("member", "Clinic", "anna@clinic.test", "--remove") == "anna@clinic.test: removed from Clinic\n"
    assert [row["members"] for row in listed()] == [0, 0]


def test_a_desk_s_key_may_be_typed_in_small_letters(cast: Cast) -> None:
    done = CliRunner().invoke(desk.app, ["add", "lab", "--name", "Lab", "--address", "lab@desk.test"])
    assert done.exit_code == 0 and done.output.startswith("LAB: ")

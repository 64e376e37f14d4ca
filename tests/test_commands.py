"""Common rules of commands: rows are locked before they are written, and an event names the actor."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands import forms, help_center, mail, members, settings, ticket_card, translations
from otklik.desks.models import Channel
from otklik.journal.models import Event
from otklik.mail import late_mail_throttle
from otklik.mail.commands import outbox
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.mail.suppressed_addresses import note_refused
from otklik.people import login_throttle
from otklik.people.actor import Actor
from otklik.people.commands import (
    account_activation,
    addresses,
    api_tokens,
    organizations,
    own_data,
    persons,
    phones,
    profile,
)
from otklik.people.commands import sessions as people_sessions
from otklik.people.models import ApiToken, ErasureRequest, LoginSession, Organization, Phone
from otklik.privacy.erase import erase_person
from otklik.tickets.commands import edit_message
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.people.test_own_addresses import HOME, asked

NEW = "ещё одна длинная сирень"
ROOT = Path(__file__).parent.parent


class Case(NamedTuple):
    """One command.

    `prepare` creates what `act` needs; `locks`: the tables whose rows are locked first; `tells`: the event.
    """

    act: Callable[[Cast, Any], Any]
    locks: str = ""
    tells: str = ""
    prepare: Callable[[Cast], Any] = lambda cast: None


def by(cast: Cast, who: str = "anna") -> dict[str, Any]:
    return {"actor": Actor(getattr(cast, who), "agent"), "at": START}


def second(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)


def queued(cast: Cast, state: str = OutboundMail.State.QUEUED) -> OutboundMail:
    return OutboundMail.objects.create(
        recipient="boris@clinic.test", sender="accredo@desk.test", kind="comment", cause=f"x {state}", subject="s",
        text="t", message_id=f"{state}@desk.test", state=state, created_at=START, retry_at=START,
    )  # fmt: skip


def organization(_cast: Cast) -> Organization:
    return Organization.objects.create(name="Клиника", domains=[])


def joined(cast: Cast) -> Organization:
    made = organization(cast)
    made.members.add(cast.anna)
    return made


def own_words(cast: Cast) -> Message:
    cast.desk.edit_minutes = 60
    cast.desk.save()
    return Message.objects.filter(ticket=cast.ticket, author=cast.agent, kind=Message.Kind.PUBLIC)[0]


def wanted(cast: Cast) -> ticket_card.CardSettings:
    return ticket_card.CardSettings(
        edit_minutes=7, rating_days=9, approval_reminder_days=3, approval_links=True, approved=[], declined=[]
    )


def token_of(cast: Cast) -> ApiToken:
    return api_tokens.add_token(**by(cast), person=cast.anna, name="x")[0]


def session_of(cast: Cast) -> None:
    LoginSession.objects.create(person=cast.anna, session_key="k" * 32, created_at=START, seen_at=START)


CASES: dict[str, Case] = {
    "another main address": Case(
        lambda c, _: addresses.choose_primary(**by(c), person=c.anna, address=HOME),
        "people_person",
        "person.primary_address_changed",
        second,
    ),
    "an address given up": Case(
        lambda c, _: addresses.remove_address(**by(c), person=c.anna, address=HOME),
        "people_person",
        "person.address_removed",
        second,
    ),
    "an address proved": Case(
        lambda c, secret: addresses.prove_address(
            **by(c), person=c.anna, secret=secret, may_merge=lambda _other: False
        ),
        "people_accounttoken",
        "person.address_added",
        lambda c: asked(c.anna),
    ),
    "an address taken over from a newcomer": Case(
        lambda c, secret: addresses.prove_address(**by(c), person=c.anna, secret=secret, may_merge=lambda _other: True),
        "people_person",
        "person.merged",
        lambda c: (persons.ensure_person(address=HOME, name="", at=START), asked(c.anna))[1],
    ),
    "activated": Case(
        lambda c, secret: account_activation.activate(secret=secret, password=NEW, at=START),
        "people_accounttoken",
        "",
        lambda c: account_activation.issue_activation(person=c.anna, at=START),
    ),
    "granted": Case(lambda c, _: persons.grant(person=c.anna, at=START, name="Анна"), "people_person"),
    "an organisation added": Case(
        lambda c, _: organizations.add_organization(**by(c, "admin"), name="Больница"), "", "organization.added"
    ),
    "an organisation changed": Case(
        lambda c, row: organizations.change_organization(
            **by(c, "admin"), organization=row, name="Больница", domains=[], open_inside=True
        ),
        "people_organization",
        "organization.changed",
        organization,
    ),
    "a member set": Case(
        lambda c, row: organizations.set_member(**by(c, "admin"), organization=row, person=c.anna, sees_all=True),
        "",
        "organization.member_set",
        organization,
    ),
    "a member removed": Case(
        lambda c, row: organizations.remove_member(**by(c, "admin"), organization=row, person=c.anna),
        "",
        "organization.member_removed",
        joined,
    ),
    "own data asked for": Case(
        lambda c, _: own_data.ask_for_export(**by(c), person=c.anna), "people_person", "person.export_asked"
    ),
    "to be forgotten": Case(lambda c, _: own_data.ask_for_erasure(**by(c), person=c.anna), "", "person.erasure_asked"),
    "to stay after all": Case(
        lambda c, _: own_data.take_erasure_back(**by(c), person=c.anna),
        "",
        "person.erasure_taken_back",
        lambda c: ErasureRequest.objects.create(person=c.anna, asked_at=START, due_at=START),
    ),
    "forgotten": Case(lambda c, _: erase_person(**by(c, "admin"), person=c.anna), "people_person", "person.erased"),
    "a key added": Case(lambda c, _: api_tokens.add_token(**by(c), person=c.anna, name="x"), "", "person.token_added"),
    "a key revoked": Case(
        lambda c, row: api_tokens.revoke_token(**by(c), token=row), "", "person.token_revoked", token_of
    ),
    "a phone": Case(
        lambda c, _: phones.add_phone(**by(c), person=c.anna, number="8 495 123-45-67"), "", "person.phone_added"
    ),
    "a phone removed": Case(
        lambda c, row: phones.remove_phone(**by(c), phone=row),
        "",
        "person.phone_removed",
        lambda c: Phone.objects.create(person=c.anna, number="+74951234567"),
    ),
    "a profile": Case(
        lambda c, _: profile.change_profile(person=c.anna, at=START, name="А", language="ru", time_zone=""),
        "",
        "person.profile_changed",
    ),
    "a password": Case(
        lambda c, _: profile.change_password(person=c.anna, at=START, password=NEW), "", "person.password_changed"
    ),
    "a password by link": Case(
        lambda c, _: profile.reset_password(person=c.anna, at=START, password=NEW), "", "person.password_reset"
    ),
    "how much mail": Case(
        lambda c, _: profile.choose_notices(person=c.anna, at=START, notices="digest", digest_hour=8),
        "",
        "person.notices_changed",
    ),
    "sessions ended": Case(
        lambda c, _: people_sessions.end_sessions(**by(c), person=c.anna), "", "person.sessions_ended", session_of
    ),
    "a guess": Case(lambda c, _: login_throttle.may_guess(kind="password", whose="x", at=START), "people_guesses"),
    "a wrong guess": Case(lambda c, _: login_throttle.was_wrong(kind="place", whose="x", at=START), "people_guesses"),
    "a role taken": Case(
        lambda c, _: members.take_role(**by(c, "admin"), desk=c.desk, person=c.agent), "", "desk.role_taken"
    ),
    "the site taken": Case(
        lambda c, _: members.take_site(**by(c, "admin"), person=c.anna),
        "people_person",
        "person.site_role_taken",
        lambda c: persons.grant(person=c.anna, at=START, admin=True),
    ),
    "switched off": Case(lambda c, _: members.switch_off(**by(c, "admin"), person=c.anna), "", "person.switched_off"),
    "switched on": Case(lambda c, _: members.switch_on(**by(c, "admin"), person=c.anna), "", "person.switched_on"),
    "the desk": Case(
        lambda c, _: settings.change_desk(**by(c, "lead"), desk=c.desk, values={"name": "Х"}),
        "desks_desk",
        "desk.changed",
    ),
    "words of a mail": Case(
        lambda c, _: settings.write_mail_text(
            **by(c, "lead"), desk=c.desk, kind="comment", language="ru", subject="с", body="т"
        ),
        "desks_mailtext",
        "desk.changed",
    ),
    "a change taken back": Case(
        lambda c, event: settings.undo(**by(c, "lead"), desk=c.desk, event_id=event),
        "desks_desk",
        "desk.changed",
        lambda c: (
            settings.change_desk(**by(c, "lead"), desk=c.desk, values={"name": "Х"}) and Event.objects.latest("id").pk
        ),
    ),
    "the desk's mail": Case(
        lambda c, row: mail.change_mail(
            **by(c, "lead"), desk=c.desk, values={"mail_name": "Х"}, types={row.pk: row.request_type_id}
        ),
        "desks_desk desks_channel",
        "desk.changed",
        lambda c: Channel.objects.get(desk=c.desk),
    ),
    "the card": Case(
        lambda c, _: ticket_card.change_card(**by(c, "lead"), desk=c.desk, wanted=wanted(c)),
        "desks_desk desks_transition",
        "desk.changed",
    ),
    "names": Case(
        lambda c, row: translations.change_names(
            **by(c, "lead"), desk=c.desk, texts={("status", row.pk): {"en": {"name": "X"}}}
        ),
        "desks_desk desks_status",
        "desk.changed",
        lambda c: c.desk.statuses.first(),
    ),
    "a type": Case(
        lambda c, row: forms.change_type(**by(c, "lead"), request_type=row, values={"name": "Х"}),
        "desks_requesttype",
        "desk.changed",
        lambda c: c.desk.request_types.first(),
    ),
    "a group": Case(
        lambda c, row: forms.change_group(**by(c, "lead"), group=row, values={"name": "Х"}),
        "desks_typegroup",
        "desk.changed",
        lambda c: forms.add_group(**by(c, "lead"), desk=c.desk, values={"name": "Г"}),
    ),
    "a field": Case(
        lambda c, row: forms.change_field(**by(c, "lead"), field=row, values={"help": "Х"}),
        "desks_field",
        "desk.changed",
        lambda c: c.desk.request_types.all()[0].form_fields.first(),
    ),
    "an order": Case(
        lambda c, rows: forms.order_types(**by(c, "lead"), desk=c.desk, order=rows),
        "desks_desk",
        "desk.changed",
        lambda c: list(c.desk.request_types.order_by("-position").values_list("pk", flat=True)),
    ),
    "the help centre": Case(
        lambda c, _: help_center.change_center(**by(c, "admin"), announcement="Х", texts={}),
        "desks_center",
        "center.changed",
    ),
    "a mail sent now": Case(
        lambda c, row: outbox.send_now(**by(c, "agent"), mail=row), "mail_outboundmail", "outbox.hurried", queued
    ),
    "a mail cancelled": Case(
        lambda c, row: outbox.cancel(**by(c, "agent"), mail=row), "mail_outboundmail", "outbox.cancelled", queued
    ),
    "a mail sent again": Case(
        lambda c, row: outbox.try_again(**by(c, "agent"), mail=row),
        "mail_outboundmail",
        "outbox.again",
        lambda c: queued(c, OutboundMail.State.FAILED),
    ),
    "an address that takes mail": Case(
        lambda c, row: outbox.clear_address(**by(c, "agent"), address="boris@clinic.test"),
        "",
        "address.cleared",
        lambda c: AddressTrouble.objects.create(address="boris@clinic.test", last_at=START, stopped_at=START),
    ),
    "a refusal": Case(
        lambda c, row: note_refused(row, "550 5.1.1 no such user", START, counts=True),
        "mail_addresstrouble",
        "",
        queued,
    ),
    "the walk of late mails": Case(lambda c, _: late_mail_throttle.take(3, START), "mail_latepace"),
    "a correction": Case(
        lambda c, row: edit_message.withdraw_message(
            actor=Actor(c.agent, "agent"), at=row.created_at + timedelta(minutes=1), message=row
        ),
        "tickets_message",
        "ticket.message_withdrawn",
        own_words,
    ),
    "a newcomer": Case(
        lambda c, _: share_with_address(**by(c), ticket=c.ticket, address="new@elsewhere.test"),
        "people_person",
        "ticket.participant_added",
    ),
}


def locked_before_written(sql: list[str], table: str) -> bool:
    """Return whether rows of the table are locked before any of them is updated or deleted."""
    locks = re.compile(rf'FROM "{table}".*FOR (NO KEY )?UPDATE', re.DOTALL)
    writes = re.compile(rf'^(UPDATE|DELETE FROM) "{table}"')
    found = next((at for at, one in enumerate(sql) if locks.search(one)), None)
    return found is not None and not any(writes.search(one) for one in sql[:found])


@pytest.mark.parametrize("name", CASES)
def test_a_command_locks_its_row_and_tells_the_journal(cast: Cast, name: str) -> None:
    case = CASES[name]
    made = case.prepare(cast)
    known = set(Event.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as seen:
        case.act(cast, made)
    sql = [query["sql"] for query in seen.captured_queries]
    for table in case.locks.split():
        assert locked_before_written(sql, table), table
    if case.tells:
        assert Event.objects.exclude(pk__in=known).filter(kind=case.tells).count() == 1


def commands() -> Iterator[tuple[str, str, str]]:
    """Yield (package, module, name) of every command: a public function in a `commands` package with keyword arguments
    only."""
    for path in sorted(ROOT.glob("src/otklik/*/commands/*.py")):
        for one in ast.parse(path.read_text()).body:
            if isinstance(one, ast.FunctionDef) and one.args.kwonlyargs and not one.args.args and one.name[0] != "_":
                yield path.parts[-3], path.stem, one.name


def calls_it(path: Path, module: str, name: str) -> bool:
    """Return whether the file imports the command from its module and has tests."""
    body = ast.parse(path.read_text()).body
    imports = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == module]
    has_tests = any(isinstance(one, ast.FunctionDef) and one.name.startswith("test_") for one in body)
    return has_tests and any(alias.name == name for one in imports for alias in one.names)


def test_each_command_has_a_test_file_of_its_own() -> None:
    files = set(ROOT.glob("tests/*/commands/test_*.py"))
    for package, module, name in commands():
        path = ROOT / "tests" / package / "commands" / f"test_{name}.py"
        assert path in files, f"{package}.{name} has no tests/{package}/commands/test_{name}.py"
        assert calls_it(path, f"otklik.{package}.commands.{module}", name), path
        files.remove(path)
    assert not files, "these test no command that there is"

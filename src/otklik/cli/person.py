"""`otklik person`: create people and change their accounts."""

import sys
from typing import Annotated

import typer
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.core.text_cleaning import entered
from otklik.desks.commands.create import set_role
from otklik.desks.commands.members import switch_off, switch_on, take_role, take_site
from otklik.desks.models import Desk, Membership
from otklik.notify.account_mails import notice_mail
from otklik.notify.account_texts import factor_removed
from otklik.notify.commands.accounts import invite
from otklik.people.actor import system
from otklik.people.addresses import canonical
from otklik.people.commands.logins import add_from_directory, set_login
from otklik.people.commands.persons import UnableToAddPerson, ensure_person, grant
from otklik.people.commands.sessions import end_sessions
from otklik.people.login_names import person_named
from otklik.people.login_throttle import forget_guesses
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.privacy.erase import erase_person

app = typer.Typer(add_completion=False, no_args_is_help=True, help="People.")


@app.callback()
def group() -> None:
    """People."""


@app.command("add")
def add(
    mail: Annotated[str, typer.Argument(help="The person's mail address.")],
    name: Annotated[str, typer.Option(help="As others shall read it.")],
    role: Annotated[str, typer.Option(help="customer, agent, lead or admin.")] = "customer",
    desk: Annotated[str, typer.Option(help="The desk of the role; an admin without one runs the whole site.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read a password, one line.")] = False,
) -> None:
    """A person, new or known; a known one gets the role and, if given, the password and the name."""
    with django_ready(), transaction.atomic():
        person, is_new = ensure_person(address=mail, name=name, at=timezone.now())
        if password_stdin:
            password = _password(person)
        grant(person=person, at=timezone.now(), name=name, password=password if password_stdin else None)
        _give_role(person, role, desk)
        say(f"{person.email}: {'added' if is_new else 'changed'}, {role}{' at ' + desk.upper() if desk else ''}")


@app.command("invite")
def invite_person(
    mail: Annotated[str, typer.Argument(help="The person's mail address.")],
    name: Annotated[str, typer.Option(help="As others shall read it; a known person keeps the name.")] = "",
    role: Annotated[str, typer.Option(help="customer, agent, lead or admin.")] = "customer",
    desk: Annotated[str, typer.Option(help="The desk of the role; an admin without one runs the whole site.")] = "",
) -> None:
    """Mail a link to activate the account: staff have 72 hours for it, customers 24."""
    with django_ready(), transaction.atomic():
        person, _is_new = ensure_person(address=mail, name=name, at=timezone.now())
        _give_role(person, role, desk)
        invite(actor=system("cli"), at=timezone.now(), person=person)
        say(f"{person.email}: invited, {role}{' at ' + desk.upper() if desk else ''}")


@app.command("reset-factor")
def reset_factor(mail: Annotated[str, typer.Argument(help="The person's mail address.")]) -> None:
    """Remove the second factor and all passkeys of somebody who lost them, and log them out everywhere."""
    with django_ready(), transaction.atomic():
        person = _known(mail)
        count, _each = Authenticator.objects.filter(user=person).delete()
        forget_guesses(person, kind="factor")
        end_sessions(actor=system("cli"), at=timezone.now(), person=person)
        notice_mail(
            person=person,
            recipients=[person.email or ""],
            what=factor_removed,
            at=timezone.now(),
        )
        say(f"{person.email}: {'second factor removed' if count else 'there was no second factor'}, logged out")


@app.command("erase")
def erase(
    mail: Annotated[str, typer.Argument(help="The person's mail address.")],
    confirm: Annotated[str, typer.Option(help="The address once more, instead of being asked for it.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Do not wait for the 72 hours after the person's wish.")] = False,
) -> None:
    """Forget a person: name, addresses, phones, account, originals of mails. Requests stay. Cannot be undone."""
    with django_ready():
        person = _known(mail)
        typed = confirm or typer.prompt(f"This cannot be undone. Type {person.email} to erase {person.name}")
        if typed.strip().lower() != (person.email or "").lower():
            raise UnableTo(CliRefusal.ERASE_NOT_CONFIRMED)
        erase_person(actor=system("cli"), at=timezone.now(), person=person, now=now)
        say(f"person {person.pk}: erased")


@app.command("remove")
def remove(
    mail: Annotated[str, typer.Argument(help="The person's mail address.")],
    desk: Annotated[str, typer.Option(help="The desk; without one: the power over the whole site.")] = "",
) -> None:
    """Take a role away: the person works at the desk, or runs the site, no longer and is logged out."""
    with django_ready():
        person, now = _known(mail), timezone.now()
        if desk:
            take_role(actor=system("cli"), at=now, desk=_desk(desk), person=person)
        else:
            take_site(actor=system("cli"), at=now, person=person)
        say(f"{person.email}: no role {'at ' + desk.upper() if desk else 'over the site'} any more, logged out")


@app.command("off")
def off(mail: Annotated[str, typer.Argument(help="The person's mail address.")]) -> None:
    """Switch somebody off: no login, no acts by mail or token, logged out everywhere at once. Roles are kept."""
    with django_ready():
        person = _known(mail)
        switch_off(actor=system("cli"), at=timezone.now(), person=person)
        say(f"{person.email}: switched off")


@app.command("on")
def on(mail: Annotated[str, typer.Argument(help="The person's mail address.")]) -> None:
    """Switch somebody on again."""
    with django_ready():
        person = _known(mail)
        switch_on(actor=system("cli"), at=timezone.now(), person=person)
        say(f"{person.email}: switched on")


@app.command("login")
def login(
    mail: Annotated[str, typer.Argument(help="The person's mail address or login.")],
    login: Annotated[str, typer.Argument(help='The new login; "": the mail address is the login again.')],
) -> None:
    """Give somebody a login of their own, beside the mail address."""
    with django_ready():
        person = set_login(actor=system("cli"), at=timezone.now(), person=_known(mail), login=login)
        say(f"{person.email or person.name}: logs in as {person.login_name}")


@app.command("from-directory")
def from_directory(
    source_key: Annotated[str, typer.Argument(help="Directory and key there: jira:JIRAUSER10001")],
    name: Annotated[str, typer.Option(help="As others shall read it.")],
    mail: Annotated[str, typer.Option(help="The mail address; one that is another directory user's is a note.")] = "",
    login: Annotated[str, typer.Option(help="The login there.")] = "",
) -> None:
    """A user of another system, new or known by the key."""
    with django_ready():
        values = {"source_key": source_key, "name": name, "address": mail, "login": login}
        person, is_new = add_from_directory(actor=system("cli"), at=timezone.now(), **values)
        say(f"{person.login_name or person.name}: {'added' if is_new else 'known'}")
        if person.address_note:
            say(f"  {person.address_note} is another person's address; kept as a note")


def _known(mail: str) -> Person:
    person = person_by_address(canonical(mail)) if "@" in mail else person_named(mail)
    if person is None:
        raise UnableTo(CliRefusal.PERSON_UNKNOWN, kind="address" if "@" in mail else "login", mail=mail)
    return person


def _password(person: Person) -> str:
    password = entered(sys.stdin.readline().rstrip("\r\n"))
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise UnableToAddPerson(CliRefusal.PASSWORD_REJECTED, why=" ".join(error.messages)) from error
    return password


def _give_role(person: Person, role: str, key: str) -> None:
    if role not in {"customer", *Membership.Role.values}:
        raise UnableTo(CliRefusal.ROLE_UNKNOWN, role=role)
    if not key:
        if role in {"agent", "lead"}:
            raise UnableTo(CliRefusal.ROLE_NEEDS_DESK, role=role)
        grant(person=person, at=timezone.now(), admin=role == "admin" or person.is_admin)
        return
    desk = _desk(key)
    if role != "customer":
        set_role(actor=system("cli"), at=timezone.now(), desk=desk, person=person, role=role)


def _desk(key: str) -> Desk:
    desk = Desk.objects.filter(key=key.upper()).first()
    if desk is None:
        raise UnableTo(CliRefusal.DESK_UNKNOWN, key=key)
    return desk

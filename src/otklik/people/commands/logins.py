"""Set login names, and create people that come from another system's directory."""

from datetime import datetime

from django.db import IntegrityError, transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock, lock_word
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.persons import add_caller, ensure_person
from otklik.people.events import CameFromDirectory, LoginChanged
from otklik.people.login_names import LONGEST, is_login
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.people.refusals import PersonRefusal


class UnableToSetLogin(UnableTo):
    """The login is left unchanged; the refusal code says why."""


def set_login(*, actor: Actor, at: datetime, person: Person, login: str) -> Person:
    """Set a person's login name; "" removes it, and the mail address is the login again.

    For site administrators and the system only. Raises UnableToSetLogin: no rights, invalid, or taken (ignoring case).
    """
    wanted = login.strip() or None
    if wanted is not None and not is_login(wanted):
        raise UnableToSetLogin(PersonRefusal.LOGIN_INVALID, most=LONGEST)
    if not actor.runs_site:
        raise UnableToSetLogin(PersonRefusal.ADMINS_ONLY)
    try:
        with transaction.atomic():
            person = lock(Person, person.pk)
            if person.login == wanted:
                return person
            before, person.login = person.login, wanted
            person.save(update_fields=["login"])
            record(LoginChanged(before=before, after=wanted), about=person.pk, by=actor, at=at)
    except IntegrityError:
        raise UnableToSetLogin(PersonRefusal.LOGIN_TAKEN, login=wanted) from None
    return person


def add_from_directory(
    *, actor: Actor, at: datetime, source_key: str, name: str, address: str = "", login: str = ""
) -> tuple[Person, bool]:
    """Get or create the person with this key in an external directory. Returns (person, created).

    `source_key`: directory and key, such as "jira:JIRAUSER10001". A person known by this address and without a key is
    adopted. If the address belongs to a person with another key, the new person gets no address: it is stored as a
    note, never used for mail or login. A person known by the key is left unchanged. Raises BadAddress,
    UnableToSetLogin.
    """
    key, email = source_key.strip(), canonical(address) if address else ""
    if not key or len(key) > 200:
        raise UnableToSetLogin(PersonRefusal.SOURCE_KEY_LENGTH)
    with transaction.atomic():
        lock_word(f"directory {key}")
        known = Person.objects.filter(source_key=key).first()
        if known is not None:
            return known, False
        if email:  # of two people with one address only the first gets it
            lock_word(f"directory address {email}")
        person, made, note = _person_of(email, name, at)
        person = lock(Person, person.pk)
        person.source_key, person.address_note = key, note
        person.save(update_fields=["source_key", "address_note"])
        record(CameFromDirectory(source_key=key), about=person.pk, by=actor, at=at)
        return set_login(actor=actor, at=at, person=person, login=login) if login and not person.login else person, made


def _person_of(email: str, name: str, at: datetime) -> tuple[Person, bool, str]:
    if not email:
        return add_caller(name=name, at=at), True, ""
    owner = person_by_address(email)
    if owner is not None and owner.source_key:
        return add_caller(name=name or email.partition("@")[0], at=at), True, email
    person, made = ensure_person(address=email, name=name, at=at)
    return person, made, ""

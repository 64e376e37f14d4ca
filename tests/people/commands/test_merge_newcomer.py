"""`merge_newcomer` merges two accounts of one person."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Model

from otklik.journal.models import Event
from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.logins import add_from_directory, set_login
from otklik.people.commands.merge import merge_newcomer
from otklik.people.commands.persons import ensure_person
from otklik.people.commands.phones import add_phone
from otklik.people.models import AccountToken, ApiToken, LoginSession, Person, Phone
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Message, Participant, Ticket
from tests.acting import by, tells
from tests.cast import START, Cast


def test_what_the_newcomer_had_is_the_persons_and_the_account_is_gone(cast: Cast) -> None:
    newcomer, _new = ensure_person(address="anna@home.test", name="Дома", at=START)
    add_phone(**by(), person=newcomer, number="+7 495 123-45-67")
    add_participant(**by(cast.agent), ticket=cast.ticket, person=newcomer)
    with tells("person.merged"), transaction.atomic():
        merge_newcomer(**by(cast.anna), person=cast.anna, newcomer=newcomer)
    assert cast.anna.phones.get().number == "+74951234567"
    assert Participant.objects.filter(ticket=cast.ticket, person=cast.anna).count() == 1, "hers stays"
    assert not Person.objects.filter(email="anna@home.test").exists()


def test_a_login_and_a_key_of_a_directory_go_to_whom_has_none(cast: Cast) -> None:
    set_login(**by(), person=cast.anna, login="anna")
    for person, login, left in ((cast.anna, "home", "anna"), (cast.boris, "work", "work")):
        key = f"jira:{login}"
        newcomer, _made = add_from_directory(
            **by(), source_key=key, name="x", address=f"{login}@home.test", login=login
        )
        with transaction.atomic():
            merge_newcomer(**by(person), person=person, newcomer=newcomer)
        row = Person.objects.get(pk=person.pk)
        assert (row.login, row.source_key) == (left, key)


def test_what_others_have_and_did_stays_theirs_and_no_way_to_log_in_passes_over(cast: Cast) -> None:
    newcomer, _new = ensure_person(address="anna@home.test", name="Дома", at=START)
    add_phone(**by(cast.boris), person=cast.boris, number="+7 495 123-45-67")
    SocialAccount.objects.create(user=newcomer, provider="x", uid="1")
    pairs = (
        Event.objects.exclude(kind="person.merged").order_by("pk").values_list("pk", "actor_id"),
        Message.objects.order_by("pk").values_list("pk", "author"),
        Ticket.objects.order_by("pk").values_list("requester", "assignee"),
    )
    before = [list(table) for table in pairs]
    with transaction.atomic():
        merge_newcomer(**by(cast.anna), person=cast.anna, newcomer=newcomer)
    assert [list(table.all()) for table in pairs] == before
    assert Phone.objects.get().person == cast.boris
    assert not SocialAccount.objects.exists()


def test_sessions_keys_and_links_of_the_newcomer_are_gone(cast: Cast) -> None:
    """None of them may open the merged account (AB-36)."""
    newcomer, _new = ensure_person(address="anna@home.test", name="Дома", at=START)
    LoginSession.objects.create(person=newcomer, session_key="x" * 32, created_at=START, seen_at=START)
    add_token(**by(newcomer), person=newcomer, name="x")
    issue_activation(person=newcomer, at=START)
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.TOTP, data={})
    SocialAccount.objects.create(user=newcomer, provider="sso", uid="x:1")
    assert EmailAddress.objects.filter(user=newcomer).exists()
    tables = (LoginSession, ApiToken, AccountToken, EmailAddress, Authenticator, SocialAccount)
    before = [set(table.objects.exclude(**_of(table, newcomer)).values_list("pk", flat=True)) for table in tables]
    with transaction.atomic():
        merge_newcomer(**by(cast.anna), person=cast.anna, newcomer=newcomer)
    assert [set(table.objects.values_list("pk", flat=True)) for table in tables] == before


def _of(table: type[Model], person: Person) -> dict[str, Person]:
    return {"user" if table in {EmailAddress, Authenticator, SocialAccount} else "person": person}

"""Guards of links, codes, uploads and anonymous forms without other tests: who, how often, how long."""

import io
import json
import re
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.desks.models import Transition
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.addresses import ask_for_address
from otklik.people.commands.persons import ensure_person
from otklik.people.models import AccountToken, Guesses, Person
from otklik.portal.views import forgot_password
from otklik.privacy.archive import personal_archive
from otklik.tickets.approvals import vote_token
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Participant, Rating, Ticket, Unconfirmed, Vote
from otklik.tickets.ratings import entry_token, rating_token, reopen_token, stop_token
from tests.cast import START, Cast, person
from tests.portal.helpers import as_, card, form, mailed, path_in
from tests.portal.test_login_code import asked, code_for

CONFIRM = "/servicedesk/customer/user/confirm"
PROFILE = "/servicedesk/customer/user/profile"
REQUESTS = "/servicedesk/customer/user/requests"
CUSTOMER = "/servicedesk/customer"
FILES = f"{CUSTOMER}/user/files"
NEW = {"password1": "облако в штанах", "password2": "облако в штанах"}


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def closed(cast: Cast) -> Participant:
    """Close the cast's ticket; return Anna's participation in it."""
    step = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=step)
    return Participant.objects.get(ticket=cast.ticket, person=cast.anna)


def asked_boss(cast: Cast) -> tuple[Person, str]:
    boss = person("Вера Начальник", "boss@clinic.test")
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[boss], rule="one", question=""
    )
    return boss, f"{CUSTOMER}/approval/{vote_token(Vote.objects.get())}"


def without_password(cast: Cast) -> Client:
    """Return a client of Anna, who logs in by mailed codes only and has not done so recently."""
    cast.anna.set_unusable_password()
    cast.anna.save()
    return as_(cast.anna)


def confirmation_code(client: Client) -> str:
    client.post(CONFIRM, {"send": "1"})
    return code_for("anna@clinic.test")


def test_ab_35_a_mailed_code_confirms(cast: Cast) -> None:
    client = without_password(cast)
    assert client.post(CONFIRM, {"mailed": confirmation_code(client)}).status_code == 302
    assert client.post(f"{PROFILE}/data/export")["Location"] == f"{PROFILE}/data"


def test_ab_25_a_mailed_confirmation_code_lives_ten_minutes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = without_password(cast)
    code, now = confirmation_code(client), time.time()
    AccountToken.objects.update(expires_at=timezone.now() + timedelta(days=1))  # one guard at a time
    with monkeypatch.context() as later:
        later.setattr("otklik.portal.views.reauthentication.time.time", lambda: now + 605)
        assert client.post(CONFIRM, {"mailed": code}).status_code == 422
    assert client.post(CONFIRM, {"mailed": code}).status_code == 302


def test_ab_29_nor_does_a_confirmation_code_count_whose_row_is_gone(cast: Cast) -> None:
    client = without_password(cast)
    code = confirmation_code(client)
    AccountToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(CONFIRM, {"mailed": code}).status_code == 422


def test_ab_38_three_wrong_confirmation_codes_end_the_right_one(cast: Cast) -> None:
    client = without_password(cast)
    code = confirmation_code(client)
    for wrong in ("0000-0000", "1111-1111", "2222-2222"):
        assert client.post(CONFIRM, {"mailed": wrong}).status_code == 422
    cache.clear()
    assert client.post(CONFIRM, {"mailed": code}).status_code == 422


def test_ab_38_a_confirmation_code_has_three_tries_also_where_no_guess_is_counted(cast: Cast) -> None:
    client = without_password(cast)
    code = confirmation_code(client)
    for wrong in ("0000-0000", "1111-1111", "2222-2222"):
        assert client.post(CONFIRM, {"mailed": wrong}).status_code == 422
        Guesses.objects.all().delete()  # one guard at a time
    assert client.post(CONFIRM, {"mailed": code}).status_code == 422


def test_ab_25_a_mailed_confirmation_code_counts_once(cast: Cast) -> None:
    client = without_password(cast)
    code = confirmation_code(client)
    assert client.post(CONFIRM, {"mailed": "0000-0000"}).status_code == 422  # a mistake before costs nothing
    assert client.post(CONFIRM, {"mailed": code}).status_code == 302
    assert client.post(CONFIRM, {"mailed": code}).status_code == 422


@pytest.mark.parametrize("has", ["password", "factor"])
def test_ab_39_who_has_a_password_or_a_second_factor_confirms_by_no_mailed_code(cast: Cast, has: str) -> None:
    client = without_password(cast)
    code = confirmation_code(client)
    if has == "password":
        Person.objects.filter(pk=cast.anna.pk).update(password=cast.boris.password)
        client = as_(Person.objects.get(pk=cast.anna.pk)) if client.get(REQUESTS).status_code == 302 else client
    else:
        Authenticator.objects.create(user=cast.anna, type="totp", data={"secret": "x"})
    assert client.post(CONFIRM, {"mailed": code}).status_code == 422
    OutboundMail.objects.all().delete()
    client.post(CONFIRM, {"send": "1"})
    assert not OutboundMail.objects.exists()


def test_ab_25_a_new_password_ends_all_that_is_under_way_for_the_person(cast: Cast) -> None:
    now = timezone.now()
    issue_activation(person=cast.anna, at=now)
    _address, further = ask_for_address(person=cast.anna, address="evil@evil.test", at=now)
    by_code = asked("anna@clinic.test")
    code = code_for("anna@clinic.test")
    first, second = Client(), Client()
    first.post("/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"})
    older = path_in(mailed("anna@clinic.test", "password_reset"), "secure/ResetPassword/")
    second.get(older)
    cache.clear()
    first.get(older)
    assert first.post(older.split("-")[0] + "-set-password", NEW).status_code == 302
    assert not AccountToken.objects.filter(person=cast.anna).exists()
    assert second.post(older.split("-")[0] + "-set-password", NEW).status_code == 404
    by_code.post(f"{CUSTOMER}/user/login/code/confirm", {"code": code})
    assert by_code.get(REQUESTS).status_code == 302
    first.get(f"/secure/ConfirmAddress/{further}")
    assert first.post(f"{PROFILE}/addresses/confirm").status_code == 404
    assert not EmailAddress.objects.filter(email="evil@evil.test").exists()


def test_ab_07_no_link_of_a_deactivated_person_works(cast: Cast) -> None:
    now = timezone.now()
    nina, _new = ensure_person(address="nina@clinic.test", name="Нина", at=START)
    secret = issue_activation(person=nina, at=now)
    half_way = Client()
    half_way.get(f"/secure/ActivateAccount/{secret}")
    boss, approval = asked_boss(cast)
    row = closed(cast)
    Client().post("/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"})
    reset = path_in(mailed("anna@clinic.test", "password_reset"), "secure/ResetPassword/")
    links = [f"{CUSTOMER}/rating/{rating_token(row)}", f"{CUSTOMER}/reopen/{reopen_token(row)}"]
    links += [f"{CUSTOMER}/unsubscribe/{stop_token(row)}", approval, f"/secure/ActivateAccount/{secret}"]
    for address in links[:4]:
        assert Client().get(address).status_code == 200
    Person.objects.filter(pk__in=[nina.pk, boss.pk, cast.anna.pk]).update(is_active=False)
    before = (row.muted, Event.objects.count())
    for address in [*links, reset]:
        for act in ("get", "post"):
            sent = getattr(Client(), act)(address, {"score": "5", "answer": "approve", **NEW})
            assert sent.status_code == 404 or (act == "post" and sent.status_code == 405), (act, address)
    assert half_way.post(f"{CUSTOMER}/user/activate", NEW).status_code == 404
    assert not Person.objects.get(pk=nina.pk).has_usable_password()
    row.refresh_from_db()
    assert (row.muted, Event.objects.count()) == before and not Rating.objects.exists()


def test_ab_92_no_link_does_what_another_kind_is_for(cast: Cast) -> None:
    _boss, approval = asked_boss(cast)
    row = closed(cast)
    tokens = {
        "rating": rating_token(row),
        "reopen": reopen_token(row),
        "unsubscribe": stop_token(row),
        "approval": approval.rpartition("/")[2],
        "entry": entry_token(row),
    }
    for place in ("rating", "reopen", "unsubscribe", "approval"):
        for kind, token in tokens.items():
            wanted = 200 if kind == place else 404
            assert Client().get(f"{CUSTOMER}/{place}/{token}").status_code == wanted, (place, kind)
            if kind != place:
                sent = Client().post(f"{CUSTOMER}/{place}/{token}", {"score": "5", "answer": "approve"})
                assert sent.status_code == 404, (place, kind)
    assert Ticket.objects.get(pk=cast.ticket.pk).closed_at is not None


@pytest.mark.parametrize("reader", ["boris", "agent", "lead"])
def test_ab_92_a_link_acts_as_whom_it_was_made_for_whoever_is_logged_in(cast: Cast, reader: str) -> None:
    boss, approval = asked_boss(cast)
    row, client = closed(cast), as_(getattr(cast, reader))
    client.post(approval, {"answer": "approve"})
    assert Event.objects.get(kind="ticket.approval_answered").actor_id == boss.pk
    client.post(f"{CUSTOMER}/rating/{rating_token(row)}", {"score": "1"})
    assert Rating.objects.get().person == cast.anna
    client.post(f"{CUSTOMER}/unsubscribe/{stop_token(row)}")
    assert list(Participant.objects.filter(muted=True)) == [row]
    client.post(f"{CUSTOMER}/reopen/{reopen_token(row)}")
    opened = Event.objects.filter(kind="ticket.status_changed").latest("id")
    assert (opened.actor_id, opened.via) == (cast.anna.pk, "mail")


def test_a_link_reopens_only_as_long_as_the_requesters_words_would(cast: Cast) -> None:
    token, days = reopen_token(closed(cast)), timedelta(days=cast.desk.reopen_days)
    link, rows = f"{CUSTOMER}/reopen/{token}", Ticket.objects.filter(pk=cast.ticket.pk)
    for late, opens in ((timedelta(hours=1), False), (-timedelta(hours=1), True)):
        rows.update(closed_at=timezone.now() - days - late)
        assert ("Открыть снова" in Client().get(link).content.decode()) == opens
        Client().post(link)
        assert (rows.get().closed_at is None) == opens


def test_ab_31_registering_takes_the_same_time_for_known_addresses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    cast.desk.signup = True
    cast.desk.save()
    monkeypatch.setattr(forgot_password, "SECONDS", 5.0)
    monkeypatch.setattr("otklik.portal.views.signup.time.sleep", slept.append)
    for address in ("anna@clinic.test", "vera@clinic.test"):
        Client().post(f"{CUSTOMER}/user/signup", {"name": "Вера", "email": address})
    assert len(slept) == 2 and all(1 < seconds <= 5 for seconds in slept)


def test_ab_55_an_archive_and_a_table_hold_no_answers_that_a_late_participant_may_not_read(
    cast: Cast, home: Path
) -> None:
    field = cast.desk.request_types.order_by("position")[0].form_fields.create(
        key="cost", label="Цена вопроса", kind="text", position=90
    )
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={field.key: "семь миллионов"})
    later = timezone.now()
    late = person("Поздний", "late@clinic.test")
    add_participant(actor=Actor(cast.agent, "agent"), at=later, ticket=cast.ticket, person=late, sees_all=False)
    for who, reads in ((cast.anna, True), (cast.boris, True), (late, False)):
        digest, _size = personal_archive(who, later)
        with blobs.open_blob(digest) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
            (request,) = json.loads(archive.read("data.json"))["requests"]
        assert (request["answers"] == {"Цена вопроса": "семь миллионов"}) is reads
        sent = as_(who).get(f"{REQUESTS}/export.csv?status=all&reporter=all")
        table = sent.getvalue().decode()
        page = as_(who).get(card(cast)).content.decode()
        assert "ACCREDO-1" in table
        for text in (table, page):
            assert ("семь миллионов" in text) is reads and ("Цена вопроса" in text) is reads


def test_ab_90_twenty_anonymous_forms_an_hour_from_one_address(cast: Cast) -> None:
    cast.desk.anonymous = True
    cast.desk.save()
    words = {"summary": "Слон", "description": "Слон", "name": "Нина"}
    codes = [Client().post(form(cast), {**words, "email": f"n{n}@clinic.test"}).status_code for n in range(21)]
    assert codes == [302] * 20 + [429]


def test_ab_97_two_hundred_megabytes_an_hour_without_login(cast: Cast, home: Path) -> None:
    cast.desk.anonymous = True
    cast.desk.save()
    words = {"summary": "Слон", "description": "Слон", "name": "Нина"}
    for _sent in range(8):  # the address is missing, so nothing is stored, and the bytes count all the same
        file = SimpleUploadedFile("a.bin", b"x" * (25 * 1024 * 1024))
        assert not _says_too_much(Client().post(form(cast), {**words, "attachments": file}))
    file = SimpleUploadedFile("a.bin", b"x")
    over = Client().post(form(cast), {**words, "email": "n@clinic.test", "attachments": file})
    assert over.status_code == 422 and _says_too_much(over) and not Unconfirmed.objects.exists()
    other = Client(REMOTE_ADDR="198.51.100.7")
    file = SimpleUploadedFile("a.bin", b"x")
    assert other.post(form(cast), {**words, "email": "n@clinic.test", "attachments": file}).status_code == 302


@pytest.mark.parametrize(("files", "size", "fits"), [(10, 1, True), (11, 1, False), (2, 13 * 1024 * 1024, False)])
def test_ab_97_ten_files_and_25_megabytes_at_once_without_login(
    cast: Cast, home: Path, files: int, size: int, fits: bool
) -> None:
    cast.desk.anonymous = True
    cast.desk.save()
    words = {"summary": "Слон", "description": "Слон", "name": "Нина", "email": "n@clinic.test"}
    sent = [SimpleUploadedFile(f"{n}.bin", b"x" * size) for n in range(files)]
    response = Client().post(form(cast), {**words, "attachments": sent})
    assert (response.status_code == 302, _says_too_much(response)) == (fits, not fits)


def _says_too_much(response: object) -> bool:
    return "200 МБ в час" in response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", ["files", "upload"])
def test_ab_97_uploads_are_counted_for_each_person(cast: Cast, home: Path, settings: Settings, where: str) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["upload"] == "300/h/user"
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "upload": "2/h/user"}
    address = FILES if where == "files" else f"{form(cast)}/upload"
    client = as_(cast.anna)
    codes = [client.post(address, _upload()).status_code for _n in range(3)]
    assert codes == [200, 200, 429]
    assert as_(cast.boris).post(address, _upload()).status_code == 200


def test_ab_46_what_somebody_uploaded_goes_with_nobody_elses_message(cast: Cast, home: Path) -> None:
    page = as_(cast.anna).post(FILES, _upload()).content.decode()
    found = re.search(r'name="attachments\.kept"[^>]*value="([^"]+)"', page)
    assert found, page
    for who, count in ((cast.boris, 0), (cast.anna, 1)):
        client = as_(who)
        client.post(card(cast, "/comment"), {"comment": "Вот", "attachments.kept": found[1]})
        message = cast.ticket.messages.latest("id")
        assert message.author == who and message.attachments.count() == count
        again = client.post(FILES, {"field": "attachments", "attachments.kept": found[1]}).content.decode()
        assert ("a.txt" in again) == bool(count)


def _upload() -> dict[str, object]:
    return {"field": "attachments", "attachments": SimpleUploadedFile("a.txt", b"words")}


@pytest.mark.parametrize("act", ["comment", "rating", "share", "notifications"])
def test_ab_44_an_act_under_another_desks_number_is_not_done(cast: Cast, act: str) -> None:
    """The number before the key is checked as the key is: only reading is led to the right page."""
    before = Ticket.objects.get(pk=cast.ticket.pk).version, Event.objects.count()
    wrong = f"{CUSTOMER}/portal/{cast.other_desk.pk}/{cast.ticket.key}"
    words = {"comment": "Слова", "score": "5", "address": "x@y.test", "muted": "1"}
    assert as_(cast.anna).post(f"{wrong}/{act}", words).status_code == 404
    assert (Ticket.objects.get(pk=cast.ticket.pk).version, Event.objects.count()) == before
    assert as_(cast.anna).get(wrong).headers["Location"] == card(cast)

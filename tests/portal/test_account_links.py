"""Links of activation and password reset."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail.models import OutboundMail
from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.persons import ensure_person
from otklik.people.models import AccountToken, Person
from otklik.portal.views import forgot_password
from tests.cast import START, Cast
from tests.portal.helpers import same

FORGOT = "/secure/ForgotLoginDetails.jspa"
ACTIVATE = "/servicedesk/customer/user/activate"
NEW = {"password1": "облако в штанах", "password2": "облако в штанах"}


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


@pytest.fixture
def nina(cast: Cast) -> Person:
    """Return a person who wrote once and never logged in."""
    return ensure_person(address="nina@clinic.test", name="Нина", at=START)[0]


def secret_of(person: Person) -> str:
    return issue_activation(person=person, at=timezone.now())


def opened(address: str) -> Client:
    """Return a client that followed the link to the page with the form."""
    client = Client()
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    return client


def who(client: Client) -> str:
    shown = client.get("/servicedesk/customer/user/profile").content.decode()
    found = re.search(r'<p class="soft">(.+?)</p>', shown)
    return found.group(1) if found else ""


def mailed_link(address: str) -> str:
    mail = OutboundMail.objects.get(recipient=address, kind="password_reset")
    found = re.search(r"https?://[^\s/]+(/secure/ResetPassword/\S+)", mail.text)
    assert found
    return found.group(1)


def ask(address: str, **headers: str) -> Client:
    client = Client()
    client.post(FORGOT, {"email": address}, headers=headers)
    return client


@pytest.mark.parametrize("base", [ACTIVATE, "/secure/ActivateAccount"])
def test_the_button_asks_for_a_password_and_opens_the_portal(nina: Person, base: str) -> None:
    client = opened(f"{base}/{secret_of(nina)}")
    assert "nina@clinic.test" in client.get(ACTIVATE).content.decode()
    response = client.post(ACTIVATE, NEW)
    assert response["Location"] == "/servicedesk/customer/portals"
    assert who(client) == "nina@clinic.test"
    nina.refresh_from_db()
    assert nina.activated_at and nina.check_password(NEW["password1"])


def test_ab_33_the_secret_leaves_the_address_at_once(nina: Person) -> None:
    response = Client().get(f"{ACTIVATE}/{secret_of(nina)}")
    assert (response.status_code, response["Location"], response["Referrer-Policy"]) == (302, ACTIVATE, "no-referrer")


def test_a_mail_scanner_that_opens_the_link_uses_nothing_up(nina: Person) -> None:
    secret = secret_of(nina)
    for _ in range(3):
        Client().get(f"{ACTIVATE}/{secret}", follow=True)
    assert opened(f"{ACTIVATE}/{secret}").post(ACTIVATE, NEW).status_code == 302


def test_ab_25_the_link_works_once(nina: Person) -> None:
    secret = secret_of(nina)
    one, other = opened(f"{ACTIVATE}/{secret}"), opened(f"{ACTIVATE}/{secret}")
    assert one.post(ACTIVATE, NEW).status_code == 302
    assert other.post(ACTIVATE, {"password1": "другой пароль!", "password2": "другой пароль!"}).status_code == 404
    assert Client().get(f"{ACTIVATE}/{secret}").status_code == 404
    nina.refresh_from_db()
    assert nina.check_password(NEW["password1"])


def test_ab_25_the_link_works_for_a_day_and_until_the_next(nina: Person) -> None:
    old = issue_activation(person=nina, at=timezone.now() - timedelta(hours=24, seconds=1))
    assert Client().get(f"{ACTIVATE}/{old}").status_code == 404
    first = secret_of(nina)
    secret_of(nina)
    assert Client().get(f"{ACTIVATE}/{first}").status_code == 404


@pytest.mark.parametrize(
    "token", ["", " ", "%00", "null", "undefined", "x" * 5000, "я" * 43, "%", "_", "*", "a/b", "..", "0" * 43]
)
def test_ab_26_no_empty_or_invented_token_opens_anything(nina: Person, token: str) -> None:
    secret_of(nina)
    good = opened(f"{ACTIVATE}/{secret_of(nina)}")
    good.post(ACTIVATE, NEW)
    page = Client().get(f"{ACTIVATE}/{'z' * 43}")
    response = Client().get(f"{ACTIVATE}/{token if token.startswith('%') else quote(token)}")
    assert response.status_code == 404
    if token != "..":
        assert same(response) == same(page)
    assert "Получить новую ссылку" in page.content.decode()


def test_ab_26_the_page_without_a_link_opens_nothing(nina: Person) -> None:
    secret_of(nina)
    assert Client().get(ACTIVATE).status_code == 404
    assert Client().post(ACTIVATE, NEW).status_code == 404
    AccountToken.objects.update(digest="")
    assert Client().post(ACTIVATE, NEW).status_code == 404


def test_ab_27_secrets_are_random_and_not_stored(nina: Person) -> None:
    one, other = (issue_activation(person=nina, at=START) for _ in range(2))
    assert one != other
    assert not AccountToken.objects.filter(digest__in=[one, other]).exists()


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("облако в штанах", "облако в шляпах", "password2"),
        ("коротко", "коротко", "password1"),
        ("1234567890", "1234567890", "password1"),
        ("nina@clinic.test", "nina@clinic.test", "password1"),
        ("x" * 1025, "x" * 1025, "password1"),
        ("", "", "password1"),
    ],
)
def test_errors_stand_at_their_field_and_the_link_stays_good(nina: Person, first: str, second: str, field: str) -> None:
    client = opened(f"{ACTIVATE}/{secret_of(nina)}")
    response = client.post(ACTIVATE, {"password1": first, "password2": second})
    assert response.status_code == 422 and f'id="id_{field}_error"' in response.content.decode()
    assert client.post(ACTIVATE, NEW).status_code == 302


def test_a_password_of_1024_characters_is_taken(nina: Person) -> None:
    long = "длинно " * 146 + "да"
    client = opened(f"{ACTIVATE}/{secret_of(nina)}")
    assert client.post(ACTIVATE, {"password1": long, "password2": long}).status_code == 302
    nina.refresh_from_db()
    assert len(long) == 1024 and nina.check_password(long)


def test_activating_in_somebody_elses_browser_ends_their_session(cast: Cast, nina: Person) -> None:
    client = Client()
    client.force_login(cast.anna)
    client.get(f"{ACTIVATE}/{secret_of(nina)}")
    client.post(ACTIVATE, NEW)
    assert who(client) == "nina@clinic.test"


def test_a_forgotten_password_is_replaced_and_one_is_logged_in(cast: Cast) -> None:
    ask(" Anna@clinic.TEST ")
    client = opened(mailed_link("anna@clinic.test"))
    assert client.post(_form(mailed_link("anna@clinic.test")), NEW).status_code == 302
    assert who(client) == "anna@clinic.test"
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(NEW["password1"])


def _form(link: str) -> str:
    return re.sub(r"-.*", "-set-password", link)


def test_it_works_for_who_never_activated_and_ends_the_activation_link(nina: Person) -> None:
    secret = secret_of(nina)
    ask("nina@clinic.test")
    link = mailed_link("nina@clinic.test")
    assert opened(link).post(_form(link), NEW).status_code == 302
    nina.refresh_from_db()
    assert nina.activated_at and EmailAddress.objects.get(user=nina).verified
    assert Client().get(f"{ACTIVATE}/{secret}").status_code == 404


def test_the_reset_link_works_once_and_errors_keep_it(cast: Cast) -> None:
    ask("anna@clinic.test")
    link = mailed_link("anna@clinic.test")
    client = opened(link)
    assert client.post(_form(link), {**NEW, "password2": "другое"}).status_code == 422
    assert client.post(_form(link), NEW).status_code == 302
    assert Client().get(link).status_code == 404


def test_a_reset_ends_every_other_session(cast: Cast) -> None:
    thief = Client()
    thief.force_login(cast.anna)
    ask("anna@clinic.test")
    link = mailed_link("anna@clinic.test")
    opened(link).post(_form(link), NEW)
    assert thief.get("/servicedesk/customer/user/requests").status_code == 302


def test_ab_33_the_key_leaves_the_address_at_once(cast: Cast) -> None:
    ask("anna@clinic.test")
    response = Client().get(mailed_link("anna@clinic.test"))
    assert response.status_code == 302 and response["Location"].endswith("-set-password")
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "key", ["1-x", "1-set-password", "1-", "zzzz-c-0", "", "1", "x/y", "1-%00", "99999999999999-a-b"]
)
def test_ab_26_no_invented_reset_key_opens_anything(cast: Cast, key: str) -> None:
    response = Client().get(f"/secure/ResetPassword/{key}")
    assert response.status_code == 404
    assert Client().post(f"/secure/ResetPassword/{key}", NEW).status_code == 404


@pytest.mark.parametrize("field", ["email", "username"])
def test_ab_31_known_and_unknown_addresses_get_the_same_answer(cast: Cast, field: str) -> None:
    answers = []
    for address in ("anna@clinic.test", "nobody@clinic.test"):
        response = Client().post(FORGOT, {field: address})
        page = Client().get(response["Location"])
        answers.append((response.status_code, response["Location"], sorted(response.headers), same(page)))
    assert answers[0] == answers[1]
    assert OutboundMail.objects.filter(kind="password_reset").count() == 1


def test_ab_31_the_answer_takes_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(forgot_password, "SECONDS", 5.0)
    monkeypatch.setattr("otklik.portal.views.forgot_password.time.sleep", slept.append)
    for address in ("anna@clinic.test", "nobody@clinic.test"):
        Client().post(FORGOT, {"email": address})
    assert len(slept) == 2 and all(3 < seconds <= 5 for seconds in slept)


def test_ab_32_asking_again_and_again_sends_one_mail_and_says_nothing_else(cast: Cast) -> None:
    answers = set()
    for n in range(30):
        response = Client().post(FORGOT, {"email": "anna@clinic.test"}, headers={"X-Forwarded-For": f"10.1.1.{n}"})
        answers.add((response.status_code, response["Location"]))
    assert len(answers) == 1
    assert OutboundMail.objects.filter(kind="password_reset").count() == 1


def test_ab_29_a_desks_own_mailbox_gets_no_link(cast: Cast) -> None:
    ensure_person(address="accredo@desk.test", name="Ящик", at=START)
    ask("accredo@desk.test")
    assert not OutboundMail.objects.exists()


def test_ab_30_the_link_is_built_from_the_public_address_alone(cast: Cast, settings: Settings) -> None:
    assert Client().post(FORGOT, {"email": "anna@clinic.test"}, headers={"Host": "evil.test"}).status_code == 400
    ask("anna@clinic.test", **{"X-Forwarded-Host": "evil.test"})
    mail = OutboundMail.objects.get(kind="password_reset")
    assert "evil.test" not in mail.text + mail.html and settings.PUBLIC_URL in mail.text


def test_no_address_is_an_error_at_the_field(cast: Cast) -> None:
    response = Client().post(FORGOT, {"email": "nonsense"})
    assert response.status_code == 422 and 'id="id_email_error"' in response.content.decode()


@pytest.mark.parametrize("name", ["username", "email"])
def test_the_address_of_the_link_stands_in_the_form(db: None, name: str) -> None:
    assert 'value="anna@clinic.test"' in Client().get(FORGOT, {name: "anna@clinic.test"}).content.decode()


def test_jiras_old_reset_links_lead_to_the_form_with_the_address(cast: Cast) -> None:
    response = Client().get("/secure/ResetPassword!default.jspa?os_username=anna%40clinic.test&token=old")
    assert response["Location"] == f"{FORGOT}?username=anna%40clinic.test"
    assert 'value="anna@clinic.test"' in Client().get(response["Location"]).content.decode()

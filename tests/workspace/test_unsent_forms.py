"""A form sent after the session had ended can be sent again after the login (RL-36)."""

import re
import time
from html import unescape

import pytest
from django.test import Client

from otklik.people.models import Person
from tests.cast import PASSWORD, Cast
from tests.workspace.helpers import as_, page_of

LOGIN = "/servicedesk/customer/user/login"
LOOK = "/projects/ACCREDO/settings/mail/comment"
WORDS = "Здравствуйте!\nВот наш ответ: {comment.text}"


def ended(person: Person) -> Client:
    """Return a client whose session has just expired."""
    client = as_(person)
    client.get("/")
    session = client.session
    session["otklik"] = {**session["otklik"], "seen": time.time() - 400 * 86400}
    session.save()
    return client


FILLED = {"language": "ru", "subject": "{ticket.key} ответ", "body": WORDS}


def saved(cast: Cast) -> bool:
    """Return whether the desk's saved mail text is the typed one, as a fresh page shows it."""
    return WORDS in unescape(page_of(as_(cast.lead).get(f"{LOOK}?language=ru"))).replace("\r\n", "\n")


def sent_again(client: Client, page: str) -> None:
    """Press the button."""
    form = page[page.index('class="panel panel-form"') :]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[: form.index("</form>")])
    client.post(LOOK, {name: unescape(value) for name, value in fields})


def log_in(client: Client, person: Person) -> None:
    client.post(LOGIN, {"login": person.email, "password": PASSWORD, "next": LOOK})


def test_rl_36_a_settings_page_is_sent_again_after_the_login(cast: Cast) -> None:
    client = ended(cast.lead)
    assert client.post(LOOK, FILLED)["Location"].startswith(LOGIN)
    assert "Написанное сохранено" in page_of(client.get(LOGIN))
    log_in(client, cast.lead)
    page = page_of(client.get(LOOK))
    assert "Ещё не сохранено" in page and WORDS in unescape(page)
    assert not saved(cast)
    sent_again(client, page)
    assert saved(cast)
    assert "Ещё не сохранено" not in page_of(client.get(LOOK))


def test_it_is_thrown_away_when_told_so_and_stays_until_then(cast: Cast) -> None:
    client = ended(cast.lead)
    client.post(LOOK, FILLED)
    log_in(client, cast.lead)
    for _time in range(2):
        assert WORDS in unescape(page_of(client.get(LOOK)))
    assert WORDS not in unescape(page_of(client.get("/projects/ACCREDO/settings/mail/closed")))
    client.get(f"{LOOK}?unsent=drop")
    assert "Ещё не сохранено" not in page_of(client.get(LOOK))
    assert not saved(cast)


def test_what_a_script_looks_up_is_no_form_and_settles_none(cast: Cast) -> None:
    page, hx = "/browse/ACCREDO-1/requester", {"HX-Request": "true"}
    client = ended(cast.agent)
    client.post(page, {"find": "Борис"}, headers=hx)
    assert "unsent_form" not in client.session
    client = ended(cast.agent)
    client.post(page, {"new": "vera@clinic.test"})
    log_in(client, cast.agent)
    client.head(page)
    client.post(page, {"find": "Борис"}, headers=hx)
    assert "vera@clinic.test" in page_of(client.get(page))


def test_ab_44_another_persons_login_forgets_it(cast: Cast) -> None:
    client = ended(cast.lead)
    client.post(LOOK, FILLED)
    log_in(client, cast.agent)
    assert client.get(LOOK).status_code == 404
    client.get("/projects/ACCREDO/create")
    assert "unsent_form" not in client.session
    client.logout()
    log_in(client, cast.lead)
    assert "Ещё не сохранено" not in page_of(client.get(LOOK))


@pytest.mark.parametrize("more", [{"password1": "x y"}, {"body": "я" * 300_001}])
def test_secrets_and_floods_are_not_kept(cast: Cast, more: dict[str, str]) -> None:
    client = ended(cast.lead)
    client.post(LOOK, {**FILLED, **more})
    log_in(client, cast.lead)
    assert "Ещё не сохранено" not in page_of(client.get(LOOK))


def test_who_was_never_logged_in_fills_no_session(cast: Cast) -> None:
    client = Client()
    client.post(LOOK, FILLED)
    assert "unsent_form" not in client.session


FIELDS = {"subject": "Другая тема", "labels": "сканер", "due": "31.12.2026"}


@pytest.mark.parametrize("name", FIELDS)
def test_rl_36_a_line_sent_after_the_session_had_ended_stands_in_its_field(cast: Cast, name: str) -> None:
    client = ended(cast.agent)
    client.post(f"/browse/ACCREDO-1/{name}", {name: FIELDS[name], f"was.{name}": "", "before": ""})
    log_in(client, cast.agent)
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert f'value="{FIELDS[name]}"' in page and "Ещё не сохранено" in page
    client.post("/browse/ACCREDO-1/priority", {"priority": "0"})
    assert f'value="{FIELDS[name]}"' in page_of(client.get("/browse/ACCREDO-1"))
    now = {"subject": cast.ticket.subject, "labels": "", "due": ""}[name]
    client.post(f"/browse/ACCREDO-1/{name}", {name: FIELDS[name], f"was.{name}": now, "before": now})
    assert "Ещё не сохранено" not in page_of(client.get("/browse/ACCREDO-1"))


def test_a_subject_that_is_refused_stays_typed(cast: Cast) -> None:
    client = as_(cast.agent)
    told = {"subject": "Другая тема", "was.subject": "x", "before": "Чего не было"}
    client.post("/browse/ACCREDO-1/subject", told)
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert 'value="Другая тема"' in page and "Ещё не сохранено" in page


def test_ab_44_a_line_of_another_person_is_not_shown(cast: Cast) -> None:
    client = ended(cast.agent)
    client.post("/browse/ACCREDO-1/labels", {"labels": "сканер", "was.labels": "", "before": ""})
    log_in(client, cast.lead)
    assert "сканер" not in page_of(client.get("/browse/ACCREDO-1"))

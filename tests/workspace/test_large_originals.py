"""Large mails are searched for personal links in a process of its own, and nothing is given of one that was not."""

import pytest
from django.utils import timezone

from otklik.intake import seen_links
from otklik.mail import secret_scan_apart
from otklik.mail.models import InboundMail
from otklik.mail.secret_scan_apart import SMALL, UnableToSearch, apart
from otklik.mail.secret_scan_mail import blanked_mail, secrets_of
from otklik.people.actor import system
from otklik.people.commands.api_tokens import add_token
from tests.cast import Cast, as_
from tests.intake.test_decisions import inject
from tests.postoffice import letter
from tests.workspace.helpers import page_of

FILLING = "строка письма, каких много\n"


@pytest.fixture
def large(cast: Cast) -> tuple[InboundMail, str]:
    """A mail of more than SMALL bytes, with somebody's secret in the middle."""
    secret = add_token(actor=system(), at=timezone.now(), person=cast.anna, name="скрипт")[1]
    half = FILLING * (SMALL // len(FILLING.encode()) // 2 + 100)
    return inject(letter(text=f"{half}\nвот {secret} ключ\n{half}")), secret


def addresses(mail: InboundMail) -> tuple[str, str]:
    return f"/projects/ACCREDO/mail/{mail.pk}.eml", f"/browse/{mail.ticket_key}/mail/{mail.pk}.eml"


def test_ab_29_a_large_mail_is_given_without_secrets_and_this_process_searches_nothing(
    cast: Cast, large: tuple[InboundMail, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mail, secret = large
    for name in ("secrets_of", "blanked_mail"):
        monkeypatch.setattr(seen_links, name, lambda raw, name=name: pytest.fail(f"{name} of {len(raw)} bytes"))
    for address in addresses(mail):
        given = as_(cast.agent).get(address).content
        assert len(given) > SMALL and secret.encode() not in given
        assert secret.encode() in bytes(mail.raw) and given.endswith(bytes(mail.raw)[-1000:])


def test_the_process_says_what_this_one_would(large: tuple[InboundMail, str]) -> None:
    raw = bytes(large[0].raw)
    with apart(raw) as search:
        assert search.secrets == secrets_of(raw) != set()
        assert search.blanked(()) == blanked_mail(raw)


def test_ab_93_a_search_has_an_end_and_nothing_is_given_then(
    cast: Cast, large: tuple[InboundMail, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mail, secret = large
    monkeypatch.setattr(secret_scan_apart, "WALL_SECONDS", 0.05)
    with pytest.raises(UnableToSearch), apart(bytes(mail.raw)) as search:
        search.blanked(())
    for address in addresses(mail):
        answer = as_(cast.agent).get(address)
        assert answer.status_code == 503 and "слишком долго" in answer.content.decode()
    parts = page_of(as_(cast.agent).get(f"/projects/ACCREDO/mail/{mail.pk}/parts"))
    assert "слишком долго" in parts and secret not in parts


def test_one_mail_is_searched_at_a_time_and_the_turn_is_given_back(
    large: tuple[InboundMail, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = bytes(large[0].raw)
    monkeypatch.setattr(secret_scan_apart, "TURN_SECONDS", 0.05)
    with apart(raw), pytest.raises(UnableToSearch), apart(raw):
        pass
    with apart(raw) as search:
        assert search.secrets


def test_the_page_of_a_mail_searches_only_what_it_shows(
    cast: Cast, large: tuple[InboundMail, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_links, "apart", lambda raw: pytest.fail("in a process"))
    page = page_of(as_(cast.agent).get(f"/projects/ACCREDO/mail/{large[0].pk}"))
    assert large[1] not in page

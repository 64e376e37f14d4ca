"""Where somebody is after the login who was sending something when the session had ended."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.mark.parametrize(
    ("address", "then"),
    [
        ("/browse/ACCREDO-1/reply", "/browse/ACCREDO-1"),
        ("/browse/ACCREDO-1/take", "/browse/ACCREDO-1"),
        ("/browse/ACCREDO-1/answers", "/browse/ACCREDO-1/answers"),
        ("/projects/ACCREDO/create", "/projects/ACCREDO/create"),
        ("/projects/ACCREDO/create/caller", "/projects/ACCREDO/create"),
        ("/projects/ACCREDO/create/fields", "/projects/ACCREDO/create"),
        ("/projects/ACCREDO/mail/bulk", "/"),
        ("/projects/ACCREDO/mail/senders/forget", "/"),
        ("/projects/ACCREDO/outbox/bulk", "/"),
        ("/projects/ACCREDO/settings/look", "/projects/ACCREDO/settings/look"),
        ("/projects/ACCREDO/settings/types/order", "/"),
    ],
)
def test_the_login_leads_back_to_a_page_and_never_to_an_act(cast: Cast, address: str, then: str) -> None:
    where = urlsplit(Client().post(address, {"comment": "слова"}).headers["Location"])
    assert where.path == "/servicedesk/customer/user/login" and parse_qs(where.query)["next"] == [then]


def test_what_was_only_looked_at_is_looked_at_again_as_it_was(cast: Cast) -> None:
    where = urlsplit(Client().get("/projects/ACCREDO/mail?fate=held").headers["Location"])
    assert parse_qs(where.query)["next"] == ["/projects/ACCREDO/mail?fate=held"]

"""Access decorators of views, and where a login leads after an interrupted submission."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory

from otklik.workspace.desk_context import standing
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


def test_the_standing_is_that_of_whoever_is_logged_in_now(cast: Cast) -> None:
    """A login during a request changes the person."""
    request = RequestFactory().get("/")
    request.user = cast.agent
    assert [desk.key for desk in standing(request).desks] == ["ACCREDO"] and standing(request) is standing(request)
    request.user = cast.agent_elsewhere
    assert [desk.key for desk in standing(request).desks] == ["OTHER"] and not standing(request).led
    request.user = cast.lead
    assert standing(request).led == {cast.desk.pk} and standing(request).desk("accredo") == cast.desk
    assert standing(request).desk("OTHER") is None

"""No response contains links with power over accounts (AB-29)."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import reverse

from otklik.mail.private_links import links_hidden
from otklik.tickets.models import Participant
from otklik.tickets.ratings import rating_token
from tests.cast import Cast


def sent(answer: HttpResponseBase, path: str = "/") -> str:
    """Return the response's content after the filter."""
    made = links_hidden(lambda request: answer)(RequestFactory().get(path))
    return made.getvalue().decode()  # type: ignore[attr-defined,no-any-return]  # both kinds have it


@pytest.fixture
def link(cast: Cast) -> str:
    token = rating_token(Participant.objects.get(ticket=cast.ticket, person=cast.anna))
    return reverse("portal:rate_by_link", args=[token])


def test_ab_29_a_whole_answer_and_one_in_pieces_show_no_link(link: str) -> None:
    text = f"Вот: https://desk.test{link} и всё."

    def pieces() -> Iterator[bytes]:
        yield b"first\n"
        yield text.encode()

    for answer in (
        HttpResponse(text),
        HttpResponse(text, content_type="application/json"),
        StreamingHttpResponse(pieces(), content_type="text/csv"),
    ):
        shown = sent(answer)
        assert link not in shown and "и всё." in shown, answer


def test_the_link_by_which_somebody_came_stays_on_its_page(link: str) -> None:
    assert link in sent(HttpResponse(f'<form action="{link}">'), link)


def test_what_is_no_text_is_left_as_it_is(link: str) -> None:
    assert link in sent(HttpResponse(link.encode(), content_type="image/png"))


def test_a_length_that_was_said_is_the_right_one(link: str) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"https://desk.test{link}", headers={"Content-Length": "999"})

    made = links_hidden(answer)(RequestFactory().get("/"))
    assert int(made["Content-Length"]) == len(made.getvalue())  # type: ignore[attr-defined]

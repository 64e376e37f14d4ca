"""Jira's URLs open the corresponding page: tests/portal/jira_links.txt, row by row."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from otklik.core import blobs
from otklik.desks.models import TypeGroup
from otklik.tickets.models import Attachment
from tests.cast import PASSWORD, Cast

LOGIN = "/servicedesk/customer/user/login"


def rows() -> list[tuple[str, str, str]]:
    """Return (who, address, path of the page) for each line of jira_links.txt."""
    lines = Path(__file__).with_name("jira_links.txt").read_text(encoding="utf-8").splitlines()
    split = [line.split() for line in lines if line and not line.startswith("#")]
    return [(who, address, page) for who, address, page in split]


@pytest.fixture
def names(cast: Cast, home: Path) -> dict[str, object]:
    """Return the value of each {letter}."""
    digest, size = blobs.put(b"%PDF-1.4 words")
    message = cast.ticket.messages.order_by("id")[0]
    file = Attachment.objects.create(
        message=message, name="a.pdf", content_type="application/pdf", size=size, digest=digest
    )
    kind, queue = cast.desk.request_types.order_by("position")[0], cast.desk.queues.order_by("position")[0]
    group = TypeGroup.objects.create(desk=cast.desk, name="Доступ", position=1)
    return {"d": cast.desk.pk, "t": kind.pk, "a": file.pk, "q": queue.pk, "g": group.pk}


def opened(client: Client, address: str) -> tuple[int, str]:
    """Return the status of the last response and its path."""
    answer = client.get(address, follow=True)
    last = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    return answer.status_code, urlsplit(last).path


@pytest.mark.parametrize(("who", "address", "page"), rows(), ids=[f"{who} {address}" for who, address, _ in rows()])
def test_the_right_page_opens(cast: Cast, names: dict[str, object], who: str, address: str, page: str) -> None:
    address, page = address.format(**names), page.format(**names)
    client, person = Client(), cast.agent if who == "agent" else cast.anna
    if who == "login":
        status, landed = opened(client, address)
        assert (status, landed) == (200, LOGIN)
        back = parse_qs(urlsplit(client.get(address, follow=True).redirect_chain[-1][0]).query)
        words = {"login": "anna@clinic.test", "password": PASSWORD}
        client.post(f"{LOGIN}?{urlsplit(client.get(address, follow=True).redirect_chain[-1][0]).query}", words)
        assert opened(client, back["next"][0]) == (200, page)
    elif who == "agent":
        client.force_login(person)
    assert opened(client, address) == (200, page)


@pytest.mark.parametrize(("who", "address"), [(who, address) for who, address, _ in rows()])
def test_links_of_mails_answer_head_too(cast: Cast, names: dict[str, object], who: str, address: str) -> None:
    client = Client()
    client.force_login(cast.agent if who == "agent" else cast.anna)
    got, headed = (getattr(client, method)(address.format(**names)) for method in ("get", "head"))
    assert got.status_code in {200, 301, 302} and headed.content == b""
    assert (
        headed.status_code == got.status_code
        and headed.content == b""
        and headed.headers.get("Location") == got.headers.get("Location")
    )


@pytest.mark.parametrize("goal", ["portal/{d}", "portal/{d}/create/{t}", "user/requests", "portal/{d}/ACCREDO-1"])
def test_destination_of_the_login_is_kept(cast: Cast, names: dict[str, object], goal: str) -> None:
    words = {"login": "anna@clinic.test", "password": PASSWORD}
    for login in (LOGIN, f"/servicedesk/customer/portal/{cast.desk.pk}/user/login"):
        client = Client()
        page = client.get(login, {"destination": goal.format(**names)}, follow=True)
        answer = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], words)
        assert answer.headers["Location"] == "/servicedesk/customer/" + goal.format(**names)


def test_os_destination_of_the_agents_login_is_kept(cast: Cast) -> None:
    client = Client()
    page = client.get("/login.jsp", {"os_destination": "/browse/ACCREDO-1"}, follow=True)
    words = {"login": "agent@desk.test", "password": PASSWORD}
    answer = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], words)
    assert answer.headers["Location"] == "/browse/ACCREDO-1"


@pytest.mark.parametrize("evil", ["//evil.example/a", "/\\evil.example", "%2F%2Fevil.example", "\\\\evil.example\\"])
def test_ab_58_no_old_link_leads_to_another_host(db: None, evil: str) -> None:
    client = Client()
    for address in (f"/jira/{evil}", f"/{evil}/", f"/jira{evil}", f"{LOGIN}?os_destination={evil}"):
        target = client.get(address).headers.get("Location", "")
        assert urlsplit(target).netloc == "" and not target.startswith(("//", "/\\")), (address, target)


@pytest.mark.parametrize(
    "address", ["/servicedesk/customer/portal/999", "/secure/admin/ViewProjects.jspa", "/browse/X"]
)
def test_what_is_not_there_says_so_and_helps(cast: Cast, address: str) -> None:
    answer = Client().get(address)
    page = answer.content.decode()
    assert answer.status_code == 404 and "/servicedesk/customer/portals" in page and "/user/requests" in page


def test_the_picture_of_a_request_type_is_a_drawing(cast: Cast, names: dict[str, object]) -> None:
    link = "/servicedesk/customershim/secure/viewavatar"
    known = Client().get(link, {"avatarType": "SD_REQTYPE", "avatarId": names["t"]})
    unknown = Client().get(link, {"avatarType": "<script>", "avatarId": "x"})
    assert known.headers["Content-Type"] == unknown.headers["Content-Type"] == "image/svg+xml"
    assert b"<path" in known.content and known.content != unknown.content and b"<script" not in unknown.content


def test_a_picture_of_another_kind_or_of_a_hidden_type_is_a_question_mark(cast: Cast, names: dict[str, object]) -> None:
    link = "/servicedesk/customershim/secure/viewavatar"
    unknown = Client().get(link, {"avatarType": "SD_REQTYPE", "avatarId": "0"}).content
    assert Client().get(link, {"avatarType": "project", "avatarId": names["t"]}).content == unknown
    cast.desk.request_types.update(hidden=True)
    assert Client().get(link, {"avatarType": "SD_REQTYPE", "avatarId": names["t"]}).content == unknown

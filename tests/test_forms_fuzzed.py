"""Every form of every page with one invalid field: no server error, no typed text lost."""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.cast import Cast
from tests.portal.helpers import as_, logged_in
from tests.test_matrix import REACHED, TABLE, filled
from tests.test_matrix import cast as cast
from tests.test_matrix import ground as ground
from tests.test_matrix import module_home as module_home
from tests.test_matrix import places as places
from tests.today import DAY

TYPED = {
    "text",
    "search",
    "email",
    "tel",
    "url",
    "textarea",
    "number",
    "date",
    "datetime-local",
    "time",
    "password",
    "code",
}
WORDS = {"text", "search", "textarea"}
MEGABYTE = "ж" * 500_000
# Bytes are sent as they are: a browser's form, percent-encoded.
ODD: dict[str, str | bytes] = {
    "1 MB": MEGABYTE,
    "odd": b"a%00b%ED%A0%80c%E2%80%AEd%E2%81%A6",
    "nothing": "",
}


class Forms(HTMLParser):
    """Collects a page's POST forms: action, and name, kind and value of each field."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[list[str]]]] = []
        self._fields: list[list[str]] | None = None
        self._box: list[str] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = [] if given.get("method", "").lower() == "post" else None
            if self._fields is not None:
                self.found.append((given.get("action", ""), self._fields))
        if self._fields is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if "readonly" in given:
            kind = "hidden"
        elif given.get("autocomplete") == "one-time-code":
            kind = "code"
        if tag == "input" and name and kind not in {"file", "submit", "button", "image"}:
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self._fields.append([name, kind, given.get("value", "")])
        elif tag == "textarea" and name:
            self._box = [name, "textarea", ""]
            self._fields.append(self._box)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or given.get("value")):
            known = [field for field in self._fields if field[0] == self._select]
            if not known or "selected" in given:
                self._fields[:] = [field for field in self._fields if field[0] != self._select]
                self._fields.append([self._select, "select", given.get("value", "")])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "textarea":
            self._box = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._box is not None:
            self._box[2] += data


def forms_of(page: str) -> list[tuple[str, list[list[str]]]]:
    parser = Forms()
    parser.feed(page)
    return parser.found


def sound_value(kind: str, value: str, number: int) -> str:
    """Return what a careful person types into such a field; texts are recognizable."""
    if kind in WORDS:
        return f"слово{number}ц"
    if kind == "password":
        return "сирень-цветёт-в-мае"
    return value or {"email": f"n{number}@clinic.test", "tel": "+7 495 123-45-67", "number": "3"}.get(kind, value)


def encoded(fields: list[tuple[str, str | bytes]]) -> str:
    return "&".join(
        f"{quote_plus(name)}={value.decode() if isinstance(value, bytes) else quote_plus(value)}"
        for name, value in fields
    )


def shown_after(client: Client, answer: Any) -> str:
    """Return what the reader sees after a refusal: the page, or the messages and the page after the redirect; "" after
    success."""
    if answer.status_code in {409, 422}:
        return html.unescape(answer.content.decode())
    said = list(get_messages(answer.wsgi_request)) if hasattr(answer, "wsgi_request") else []
    if answer.status_code != 302 or not any(message.level_tag in {"error", "warning"} for message in said):
        return ""
    page = client.get(answer["Location"]).content.decode()
    return html.unescape(page) + " ".join(map(str, said))


def variants(fields: list[list[str]]) -> Iterator[tuple[str, str, list[tuple[str, str | bytes]], list[str]]]:
    """Yield the form with one typed field made odd in turn, and the texts in the others.

    A run makes each field odd in one way; the day of the run selects it.
    """
    typed = [n for n, (_name, kind, _value) in enumerate(fields) if kind in TYPED]
    sound = [sound_value(kind, value, n) if n in typed else value for n, (_name, kind, value) in enumerate(fields)]
    for n in typed:
        odd, value = list(ODD.items())[(n + DAY) % len(ODD)]
        sent = [(field[0], value if at == n else sound[at]) for at, field in enumerate(fields)]
        words = [sound[at] for at in typed if at != n and fields[at][1] in WORDS]
        yield fields[n][0], odd, sent, words


def pages(who: str, places: dict[str, str]) -> list[str]:
    at = ("anonymous", "requester", "colleague", "stranger", "agent", "agent elsewhere", "admin").index(who)
    return sorted({filled(address, places) for address, (get, _post) in TABLE.items() if get[at] in REACHED})


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "agent"])
def test_one_odd_field_is_no_error_of_the_server_and_costs_no_other_word(
    cast: Cast, places: dict[str, str], who: str
) -> None:
    cast.desk.anonymous = who == "anonymous"
    cast.desk.save()
    client = logged_in(cast.agent) if who == "agent" else Client()
    client.raise_request_exception = False
    seen, lost, tried = set[tuple[str, tuple[str, ...]]](), list[Any](), 0
    for place in pages(who, places):
        with transaction.atomic():
            point = transaction.savepoint()
            page = client.get(place, follow=True)
            transaction.savepoint_rollback(point)
        if page.status_code != 200 or "text/html" not in page.headers.get("Content-Type", ""):
            continue
        here = page.request["PATH_INFO"]
        for action, fields in forms_of(page.content.decode()):
            kind = (re.sub(r"\d+", "0", action or here), tuple(sorted({field[0] for field in fields})))
            if kind in seen or "/group/" in here:
                continue
            seen.add(kind)
            for name, odd, sent, words in variants(fields):
                cache.clear()
                tried += 1
                with transaction.atomic():
                    point = transaction.savepoint()
                    answer = client.post(
                        action or here, encoded(sent), content_type="application/x-www-form-urlencoded"
                    )
                    if answer.status_code >= 500:
                        lost.append((action or here, name, odd, answer.status_code))
                    elif answer.status_code == 404:
                        lost.append((action or here, name, odd, "404"))
                    elif shown := shown_after(client, answer):
                        lost += [(action or here, name, odd, word) for word in words if word not in shown]
                    transaction.savepoint_rollback(point)
    assert tried > 5
    assert lost == []


def test_what_is_refused_beside_a_request_is_shown_again(cast: Cast) -> None:
    agent, long = as_(cast.agent), "ж" * 301
    page = agent.post("/browse/ACCREDO-1/subject", {"subject": long}, follow=True).content.decode()
    assert f"Вы написали: «{long}»" in page and "Нужна тема" not in page
    page = agent.post("/browse/ACCREDO-1/participants", {"address": "нет адреса"}, follow=True).content.decode()
    assert "Вы написали: «нет адреса»" in page

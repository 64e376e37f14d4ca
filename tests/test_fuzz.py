"""Malformed requests to every address and parameter: no server error."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import Resolver404, resolve

from tests.cast import Cast
from tests.portal.helpers import as_
from tests.test_matrix import REACHED, TABLE, WHO, Ground, clients, filled
from tests.test_matrix import cast as cast
from tests.test_matrix import ground as ground
from tests.test_matrix import module_home as module_home
from tests.today import DAY

SOURCE = Path(__file__).parents[1] / "src" / "otklik"
NASTY: dict[str, Any] = {
    "NUL": "a\x00b",
    "lone surrogate": b"a%ED%A0%80b",
    "not UTF-8": b"%FF%FE%C3",
    "direction": "\u202eabc\u202c\u2066x\u200f",
    "decomposed": "И\u0306о\u0308",
    "marks": "a" + "\u0301\u0323" * 300,
    "number": "9" * 30,
    "just too large": str(2**63),
    "negative": "-1",
    "exponent": "1e999",
    "not a number": "NaN",
    "other digits": "٣²½",
    "no day": "2026-02-31T25:61",
    "year 0": "0000-00-00",
    "year 10000": "10000-01-01T00:00",
    "JSON": "[" * 3000,
    "JSON of another kind": '{"a": {"b": [null, true, 1e400]}}',
    "format": "%s%n{0}{{x}}%(a)s",
    "lines": "\r\n\r\nX: y\r\n.\r\n",
    "twice": ["1", "2", "x"],
    "nothing": "",
}
# The kinds are dealt out to the names in seven ways, of which a run takes so many: all come within four days.
WAYS, TURNS = 7, 2


def names() -> list[str]:
    """Return every parameter name that a page may look for in a request."""
    found = {"csrfmiddlewaretoken", "customfield_1", "attachments.kept", "page", "sort", "order"}
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r'\.(?:get|getlist|pop)\(\s*"([\w.:-]+)"', text))
        found |= set(re.findall(r'(?:POST|GET|data|sent)\["([\w.:-]+)"\]', text))
        found |= set(re.findall(r'"([\w.:-]+)" in (?:request\.POST|request\.GET|data)', text))

    def declared(kind: type[Any]) -> Iterator[str]:
        yield from getattr(kind, "base_fields", {})
        for one in kind.__subclasses__():
            yield from declared(one)

    return sorted({*found, *declared(forms.Form), *declared(forms.ModelForm)})


NAMES = names()


def encoded(fields: dict[str, Any]) -> str:
    """Encode the fields like a browser's form; bytes are sent as they are."""
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            said = one.decode() if isinstance(one, bytes) else quote_plus(one)
            parts.append(f"{quote_plus(name)}={said}")
    return "&".join(parts)


def send(client: Client, method: str, path: str, fields: dict[str, Any]) -> Any:
    cache.clear()
    body = encoded(fields)
    client.raise_request_exception = False
    if method == "get":
        return client.get(path, QUERY_STRING=body)
    return client.post(path, body, content_type="application/x-www-form-urlencoded")


def sound(answer: Any, what: Any) -> None:
    assert answer.status_code < 500, (answer.status_code, what)


@pytest.mark.parametrize("address", sorted(one for one in TABLE if one != "/healthz"))
def test_whatever_is_sent_to_an_address_is_no_error_of_the_server(address: str, ground: Ground, cast: Cast) -> None:
    path, browsers, kinds = filled(address, ground.places), clients(ground), list(NASTY)
    # Each name gets another kind in each turn; all kinds at once would refuse the form at its first field.
    start = sorted(TABLE).index(address)
    for method, may in zip(("get", "post"), TABLE[address], strict=True):
        reached = [place for place, found in enumerate(may) if found in REACHED]
        for place in sorted({*reached[:1], *reached[-1:]}):
            for turn in (3 * ((DAY * TURNS + number) % WAYS) for number in range(TURNS)):
                fields = {name: NASTY[kinds[(start + turn + n) % len(kinds)]] for n, name in enumerate(NAMES)}
                with transaction.atomic():
                    point = transaction.savepoint()
                    answer = send(browsers[place], method, path, fields)
                    sound(answer, (method, path, WHO[place], turn))
                    transaction.savepoint_rollback(point)


def test_a_cookie_with_a_nul_is_no_error_of_the_server(cast: Cast) -> None:
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "sight"):
        header = f'{cookie}="abc\\000def"; {cookie}2=\\377'
        client = Client(raise_request_exception=False, HTTP_COOKIE=header)
        for path in ("/servicedesk/customer/user/login", "/servicedesk/customer/portals"):
            sound(client.get(path), cookie)


@pytest.mark.parametrize("tail", ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "9" * 40, "..%2F..%2Fetc", "%E2%80%AE"])
def test_no_address_is_an_error_of_the_server(cast: Cast, tail: str) -> None:
    paths = addressed(tail)
    assert len(paths) > 20
    for client in (Client(raise_request_exception=False), as_(cast.agent)):
        client.raise_request_exception = False
        for path in paths:
            sound(client.get(path), path)


def addressed(tail: str) -> list[str]:
    """Return the addresses with `tail` in each placeholder; of those that resolve to no page, one per kind of
    answer."""
    pages, nowhere = list[str](), dict[object, str]()
    for address in TABLE:
        if "<" not in address or address.startswith("/^"):
            continue
        path = re.sub(r"<[^>]+>", tail, address)
        try:
            resolve(RequestFactory().get(path).path_info)
        except Resolver404:
            nowhere.setdefault((*address.split("<")[0].split("/")[:4], address.endswith("/")), path)
        else:
            pages.append(path)
    return [*pages, *nowhere.values()]

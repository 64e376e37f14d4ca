"""Refused requests of strangers log one short warning, without traceback or secret (AB-33)."""

import io
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast

SECRET = "2O7eAbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_a"
LOGIN = "/servicedesk/customer/user/login"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Yield the stream to which the product's complete logging configuration writes."""
    made = logging.config.DictConfigurator({"version": 1})
    handler = logging.StreamHandler(io.StringIO())
    said: dict[str, Any] = settings.LOGGING
    handler.setFormatter(made.configure_formatter(dict(said["formatters"]["line"])))
    for name in said["handlers"]["stderr"].get("filters", ()):
        handler.addFilter(made.configure_filter(dict(said["filters"][name])))
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.INFO
    yield handler.stream
    root.removeHandler(handler)
    root.level = before


def _refused(number: int) -> object:
    client = Client(raise_request_exception=False)
    files = {f"f{one}": SimpleUploadedFile("a.txt", b"x") for one in range(50)}
    multipart = "multipart/form-data; boundary="
    return (
        lambda: client.get(f"/secure/ActivateAccount/{SECRET}" + "x" * 9_000),
        lambda: client.get("/" + "й" * 9_000),
        lambda: client.get("/", headers={"host": "a" * 9_000}),
        lambda: client.get("/", headers={"host": f"{SECRET}.test"}),
        lambda: client.post(LOGIN, {f"f{one}": "1" for one in range(3_000)}),
        lambda: client.post(LOGIN, files),
        lambda: client.post(LOGIN, {"a": "x" * 6_000_000}),
        lambda: client.post(LOGIN, "a=" + "x" * 6_000_000, content_type="application/x-www-form-urlencoded"),
        lambda: client.post(LOGIN, b"x", content_type=multipart + "й" * 500),
        lambda: client.post(LOGIN, b"x", content_type=multipart + "a" * 9_000),
    )[number]()


@pytest.mark.parametrize("number", range(10))
def test_ab_33_what_is_refused_is_one_short_warning(number: int, cast: Cast, log: io.StringIO) -> None:
    _refused(number)
    lines = log.getvalue().splitlines()
    assert len(lines) <= 2
    for line in lines:
        assert " WARNING " in line and "Traceback" not in line and len(line) < 500
        assert SECRET not in line


def test_trouble_of_our_own_keeps_its_traceback(log: io.StringIO) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /x", extra={"status_code": 500})
    assert " ERROR " in log.getvalue() and "Traceback" in log.getvalue()

"""Bytes loaded by a first visit. The time is measured by tools/weight.py."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.cast import Cast

MOST = 150_000
PAGES = {
    "login": "/servicedesk/customer/user/login",
    "help centre": "/servicedesk/customer/portals",
    "desk": "/servicedesk/customer/portal/{desk}",
    "card": "/servicedesk/customer/portal/{desk}/ACCREDO-1",
    "requests": "/servicedesk/customer/user/requests",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_loads_less_than_150_kb(cast: Cast, name: str) -> None:
    client = Client()
    if name in {"card", "requests"}:
        client.force_login(cast.anna)
    answer = client.get(PAGES[name].format(desk=cast.desk.pk))
    page = answer.content.decode()
    files = {found.partition("#")[0] for found in re.findall(r'(?:href|src)="/static/([^"]+)"', page)}
    packed = {file: len(gzip.compress(Path(str(finders.find(file))).read_bytes())) for file in files}
    assert answer.status_code == 200 and len(files) > 4 and "vendor/htmx/htmx.min.js" in files
    assert len(answer.content) + sum(packed.values()) + 500 * len(packed) < MOST, packed


@pytest.mark.parametrize("name", PAGES)
def test_the_first_words_wait_for_one_sheet_and_no_script(cast: Cast, name: str) -> None:
    client = Client()
    if name in {"card", "requests"}:
        client.force_login(cast.anna)
    head = client.get(PAGES[name].format(desk=cast.desk.pk)).content.decode().partition("</head>")[0]
    sheets = [link for link in re.findall(r'<link rel="stylesheet"[^>]*>', head) if 'media="print"' not in link]
    scripts = re.findall(r"<script[^>]*>", head)
    assert ["bundles/portal" in link for link in sheets] == [True]
    assert scripts and all(" defer" in script or 'type="text/later"' in script for script in scripts)

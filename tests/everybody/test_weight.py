"""What a first visit loads. The time is measured by tools/weight.py, the bytes are promised here."""

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
    assert answer.status_code == 200 and len(files) > 8
    assert len(answer.content) + sum(packed.values()) + 500 * len(packed) < MOST, packed

"""The customers' pages in Chromium, opened by a participant and by a stranger."""

from typing import Any

import pytest

from tests.cast import Cast
from tests.everybody.table import ROWS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

# What of the table is about a request: {key} is shared with the colleague, {closed} with nobody.
THEIRS = {"colleague": {"{closed}"}, "stranger": {"{key}", "{closed}"}}
# Links out of mails: whoever has them may.
LINKS = {"{rating}", "{by_link}"}


@pytest.mark.parametrize("who", THEIRS)
def test_ab_44_others_open_their_own_pages_and_no_request_of_somebody_else(
    opened: Any, site: Cast, places: dict[str, object], who: str
) -> None:
    wrong, seen = list[str](), 0
    with opened(who) as page:
        for row in ROWS:
            if row.who != "customer" or row.path.startswith("POST:") or row.path in LINKS:
                continue
            answer = page.goto(row.path.format(**places))
            expected = 404 if any(name in row.path for name in THEIRS[who]) else 200
            text = page.locator("body").inner_text()
            if answer is None or answer.status != expected:
                wrong.append(f"{row.name}: {answer and answer.status}, not {expected}")
            if who == "stranger" and (site.ticket.subject in text or site.ticket.key in text):
                wrong.append(f"{row.name}: names the request")
            seen += expected == 404
    assert (wrong, seen >= len(THEIRS[who])) == ([], True)

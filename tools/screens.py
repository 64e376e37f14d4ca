"""Take pictures of the demo desk's pages, wide and narrow, light, dark and for the visually impaired.

    .venv/bin/python tools/screens.py [--docs] [NAME ...]

They go to `build/screens` and are for looking: open them after a change of pages. NAME: only these pages. `--docs`
takes the few that documents show (DOCUMENTED) into `docs/screens`, as WebP. Starts a demo of its own in a throw-away
home and ends it; needs Debian's chromium. A new page: add a line to PAGES.
"""

import argparse
import io
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "otklik-demo-2026"  # noqa: S105 - the demo prints it
CUSTOMER, AGENT, LEAD, ADMIN = "ivanova@clinic.example", "agent@desk.example", "lead@desk.example", "admin@desk.example"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
SIGHT = "1-150-black-normal-normal-sans-shown"
LOOKS = ("light", "dark", "sight")
TALLEST = 4000
# Pictures in documents: page, size, look. Every clone downloads them, so each must be small (tests/test_documents.py).
DOCUMENTED = (
    ("card", "1440", "light"),
    ("card", "390", "light"),
    ("ticket", "1440", "light"),
    ("queue", "1440", "dark"),
    ("center", "1440", "sight"),
)

# User ("" for nobody), the picture's name, the address.
PAGES = (
    ("", "login", "/servicedesk/customer/user/login"),
    ("", "login-code", "/servicedesk/customer/user/login/code"),
    ("", "forgot", "/secure/ForgotLoginDetails.jspa"),
    ("", "post-office", "/demo/mail"),
    ("", "sight", "/servicedesk/customer/user/sight"),
    ("", "not-found", "/nothing/here"),
    (CUSTOMER, "center", "/servicedesk/customer/portals"),
    (CUSTOMER, "center-found", "/servicedesk/customer/portals?q=jib,rf"),
    (CUSTOMER, "desk", "/servicedesk/customer/portal/1"),
    (CUSTOMER, "desk-groups", "/servicedesk/customer/portal/2"),
    (CUSTOMER, "guide", "/servicedesk/customer/portal/1/help"),
    (CUSTOMER, "form", "/servicedesk/customer/portal/1/create/1"),
    (CUSTOMER, "form-fields", "/servicedesk/customer/portal/2/create/6"),
    (CUSTOMER, "requests", "/servicedesk/customer/user/requests"),
    (CUSTOMER, "requests-found", "/servicedesk/customer/user/requests?status=all&reporter=all&filter=ghjnjrjk"),
    (CUSTOMER, "requests-look", "/servicedesk/customer/user/requests/look"),
    (CUSTOMER, "requests-views", "/servicedesk/customer/user/requests/views?status=closed"),
    (AGENT, "found", "/projects/go?q=ghjnjrjk"),
    (CUSTOMER, "card", "/servicedesk/customer/portal/1/ACCREDO-1"),
    (CUSTOMER, "card-approval", "/servicedesk/customer/portal/2/CLINIC-212"),
    (CUSTOMER, "card-closed", "/servicedesk/customer/portal/2/CLINIC-203"),
    (CUSTOMER, "approvals", "/servicedesk/customer/user/approvals"),
    (CUSTOMER, "profile", "/servicedesk/customer/user/profile"),
    (CUSTOMER, "contacts", "/servicedesk/customer/user/profile/contacts"),
    (CUSTOMER, "notices", "/servicedesk/customer/user/profile/notifications"),
    (CUSTOMER, "security", "/servicedesk/customer/user/profile/security"),
    (CUSTOMER, "own-data", "/servicedesk/customer/user/profile/data"),
    (AGENT, "home", "/secure/Dashboard.jspa"),
    (AGENT, "queue", "/projects/CLINIC/queues"),
    (LEAD, "canned", "/projects/CLINIC/settings/canned"),
    (AGENT, "queue-filter", "/projects/ACCREDO/queues/custom/1/filter"),
    (
        AGENT,
        "chips",
        "/issues/?jql=status%20!%3D%20Closed%20AND%20(assignee%20is%20EMPTY%20OR%20updated%20%3C%3D%20-2d)%20ORDER%20BY%20due",
    ),
    (AGENT, "chip-new", "/issues/chip?chip=new"),
    (AGENT, "chip-values", "/issues/chip?chip=0&jql=assignee%20is%20EMPTY%20AND%20created%20%3E%3D%20-7d"),
    (AGENT, "chip-days", "/issues/chip?chip=1&jql=assignee%20is%20EMPTY%20AND%20created%20%3E%3D%20-7d"),
    (AGENT, "ticket", "/browse/ACCREDO-1"),
    (AGENT, "ticket-held", "/browse/CLINIC-214"),
    (AGENT, "ticket-rated", "/browse/CLINIC-204"),
    (AGENT, "call", "/projects/ACCREDO/create"),
    (AGENT, "ledger", "/projects/CLINIC/mail"),
    (AGENT, "ledger-mail", "/projects/CLINIC/mail/2"),
    (AGENT, "senders", "/projects/CLINIC/mail/senders"),
    (AGENT, "outbox", "/projects/CLINIC/outbox"),
    (LEAD, "settings-mail", "/projects/ACCREDO/settings/mail"),
    (LEAD, "settings-mail-text", "/projects/ACCREDO/settings/mail/comment"),
    (LEAD, "settings", "/projects/ACCREDO/settings"),
    (LEAD, "settings-card", "/projects/ACCREDO/settings/card"),
    (LEAD, "settings-statuses", "/projects/ACCREDO/settings/statuses"),
    (LEAD, "settings-types", "/projects/CLINIC/settings/types"),
    (LEAD, "settings-type", "/projects/CLINIC/settings/types/6"),
    (LEAD, "settings-form", "/projects/CLINIC/settings/types/6/form"),
    (LEAD, "settings-field", "/projects/ACCREDO/settings/types/1/form/5"),
    (LEAD, "settings-groups", "/projects/CLINIC/settings/groups"),
    (LEAD, "settings-languages", "/projects/CLINIC/settings/languages"),
    (LEAD, "settings-history", "/projects/CLINIC/settings/history"),
    (LEAD, "settings-look", "/projects/ACCREDO/settings/look"),
    (ADMIN, "resolutions", "/secure/admin/lists/resolutions"),
    (ADMIN, "resolution", "/secure/admin/lists/resolutions/1"),
    (ADMIN, "organizations", "/secure/admin/organizations"),
    (ADMIN, "organization", "/secure/admin/organizations/1"),
)


@contextmanager
def demo() -> Iterator[str]:
    """Run a demo; yields its address."""
    ports = [_free_port(), _free_port()]
    with tempfile.TemporaryDirectory(prefix="otklik-screens-") as home:
        command = [sys.executable, "-m", "otklik.cli.main", "up", "--demo", "--home", home]
        command += ["--http", f"127.0.0.1:{ports[0]}", "--smtp", f"127.0.0.1:{ports[1]}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline().strip() == "ready"
        time.sleep(3)  # until the demo has sent its mails
        try:
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def take(page: Page, url: str, path: str, tallest: int) -> bytes:
    """Return the page at this address as PNG, down to `tallest` pixels."""
    page.goto(url + path)
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), tallest)
    width = int(page.evaluate("innerWidth"))
    return page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def small(picture: bytes) -> bytes:
    """Return the picture as WebP with 128 colours, for documents."""
    packed = io.BytesIO()
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    drawn.convert("RGB").save(packed, "WEBP", lossless=True, method=6)
    return packed.getvalue()


def log_in(page: Page, url: str, who: str) -> None:
    """Log in by address and password on the login page."""
    page.goto(f"{url}/servicedesk/customer/user/login")
    page.fill('input[name="login"]', who)
    page.fill('input[name="password"]', PASSWORD)
    page.locator('input[name="password"]').press("Enter")
    page.wait_for_url(lambda address: "/user/login" not in address)


def session_of(browser: Browser, url: str, who: str) -> list[dict[str, object]]:
    """Return the cookies of a login, to be used for all pictures of that user."""
    context = browser.new_context()
    if who:
        log_in(context.new_page(), url, who)
    cookies = [dict(cookie) for cookie in context.cookies()]
    context.close()
    return cookies


@contextmanager
def looking(browser: Browser, url: str, cookies: list[dict[str, object]], size: str, look: str) -> Iterator[Page]:
    """Yield a tab with these cookies, of this size and look."""
    theme = "dark" if look == "dark" else "light"
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme, locale="ru-RU")  # type: ignore[arg-type]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    if look == "sight":
        context.add_cookies([{"name": "otklik_sight", "value": SIGHT, "url": url}])
    yield context.new_page()
    context.close()


def wanted(names: list[str], for_docs: bool) -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """Return the pages' names and addresses, by user, size and look."""
    tabs: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for (who, name, path), size, look in product(PAGES, SIZES, LOOKS):
        if (not names or name in names) and (not for_docs or (name, size, look) in DOCUMENTED):
            tabs.setdefault((who, size, look), []).append((name, path))
    return tabs


def main() -> None:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(description="Take pictures of the demo desk's pages.")
    parser.add_argument("--docs", action="store_true", help="those that documents show, into docs/screens")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these pages")
    arguments = parser.parse_args()
    folder = ROOT / ("docs/screens" if arguments.docs else "build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        sessions: dict[str, list[dict[str, object]]] = {}
        for (who, size, look), pages in wanted(arguments.names, arguments.docs).items():
            cookies = sessions.get(who) or sessions.setdefault(who, session_of(browser, url, who))
            with looking(browser, url, cookies, size, look) as page:
                for name, path in pages:
                    picture = take(page, url, path, SIZES[size]["height"] if arguments.docs else TALLEST)
                    end, content = ("webp", small(picture)) if arguments.docs else ("png", picture)
                    (folder / f"{name}-{size}-{look}.{end}").write_bytes(content)
                    print(folder / f"{name}-{size}-{look}.{end}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()

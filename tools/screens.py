"""Take the pictures of docs/screens: the demo desk's main pages, wide and narrow, light and dark.

    .venv/bin/python tools/screens.py [FOLDER]

Starts a demo of its own in a throw-away home and ends it; needs Debian's chromium.
"""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
PASSWORD = "otklik-demo-2026"  # noqa: S105 - the demo prints it
CUSTOMER, AGENT = "ivanova@clinic.example", "agent@desk.example"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
CUSTOMER_PAGES = {
    "center": "/servicedesk/customer/portals",
    "desk": "/servicedesk/customer/portal/1",
    "guide": "/servicedesk/customer/portal/1/help",
    "form": "/servicedesk/customer/portal/1/create/1",
    "requests": "/servicedesk/customer/user/requests",
    "card": "/servicedesk/customer/portal/1/ACCREDO-1",
    "approvals": "/servicedesk/customer/user/approvals",
    "profile": "/servicedesk/customer/user/profile",
}
AGENT_PAGES = {
    "home": "/secure/Dashboard.jspa",
    "queue": "/projects/ACCREDO/queues",
    "ticket": "/browse/ACCREDO-1",
    "call": "/projects/ACCREDO/create",
    "ledger": "/projects/ACCREDO/mail",
    "settings-card": "/projects/ACCREDO/settings/card",
}
OPEN_PAGES = {"login": "/servicedesk/customer/user/login", "post-office": "/demo/mail"}


@contextmanager
def demo() -> Iterator[str]:
    """The address of a running demo."""
    ports = [_free_port(), _free_port()]
    with tempfile.TemporaryDirectory(prefix="otklik-screens-") as home:
        command = [sys.executable, "-m", "otklik.cli.main", "up", "--demo", "--home", home]
        command += ["--http", f"127.0.0.1:{ports[0]}", "--smtp", f"127.0.0.1:{ports[1]}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline().strip() == "ready"
        time.sleep(3)  # the demo's own mails
        try:
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def take(browser: Browser, url: str, who: str, pages: dict[str, str], folder: Path) -> None:
    """Every page of one reader, in every size and theme."""
    for size, viewport in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(viewport=viewport, color_scheme=theme, locale="ru-RU")  # type: ignore[arg-type]
            page = context.new_page()
            if who:
                _log_in(page, url, who)
            for name, path in pages.items():
                page.goto(url + path)
                page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)
            context.close()


def _log_in(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/servicedesk/customer/user/login")
    page.fill('input[name="login"]', who)
    page.fill('input[name="password"]', PASSWORD)
    page.locator('input[name="password"]').press("Enter")
    page.wait_for_url(lambda found: "/user/login" not in found)


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        take(browser, url, "", OPEN_PAGES, folder)
        take(browser, url, CUSTOMER, CUSTOMER_PAGES, folder)
        take(browser, url, AGENT, AGENT_PAGES, folder)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()

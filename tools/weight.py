"""What the first page weighs and when it can be read on a slow line: Chromium, 1.6 Mbit/s, 150 ms there and back, a
processor four times slower than this one, nothing in the cache.

    .venv/bin/python tools/weight.py

Starts a demo of its own in a throw-away home and ends it; needs Debian's chromium. Figures: docs/performance.md.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, sync_playwright

from tools.screens import AGENT, CUSTOMER, demo, log_in

LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
TIMES = 5
PAGES = (
    ("login", "", "/servicedesk/customer/user/login"),
    ("help centre", "", "/servicedesk/customer/portals"),
    ("desk", "", "/servicedesk/customer/portal/1"),
    ("requests", CUSTOMER, "/servicedesk/customer/user/requests"),
    ("card", CUSTOMER, "/servicedesk/customer/portal/1/ACCREDO-1"),
    ("agent: queue", AGENT, "/projects/ACCREDO/queues"),
    ("agent: ticket", AGENT, "/browse/ACCREDO-1"),
)
PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
  const found = list.getEntries().find(entry => entry.name === "first-contentful-paint");
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


def weigh(browser: Browser, url: str, who: str, path: str) -> tuple[int, int, float]:
    """Return bytes over the wire, number of files, and first contentful paint in milliseconds, with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU")
    page = context.new_page()
    if who:
        log_in(page, url, who)
    wire = context.new_cdp_session(page)
    sizes = list[int]()
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    wire.send("Network.emulateNetworkConditions", LINE)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(url + path, wait_until="networkidle")
    painted = float(page.evaluate(PAINTED))
    context.close()
    return sum(sizes), len(sizes), painted


def main() -> None:
    """Measure each page TIMES times and print the median by paint."""
    with demo() as url, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for name, who, path in PAGES:
            results = sorted((weigh(browser, url, who, path) for _ in range(TIMES)), key=lambda result: result[2])
            size, files, painted = results[TIMES // 2]
            print(f"{name:15} {size / 1000:6.1f} kB  {files:2} files  readable after {painted:5.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()

"""Concatenate style sheets and scripts into one file each when static files are collected.

A finder of Django's staticfiles, so that tests and the server see the same file. What a page does not need for its
first words (paper, the version for the visually impaired, settings, the ledger) stays a sheet of its own.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

_SHARED = ("base", "parts", "controls", "tables", "layout", "messages", "rich-text", "composer")
_BOTH = ("vendor/tabler-core/tabler.min.css", *(f"otklik/{name}.css" for name in _SHARED))
_PORTAL = (
    "otklik/portal.css",
    "otklik/portal-request.css",
    "otklik/writing.css",
    "portal/pages.css",
    "portal/decisions.css",
    "portal/type-search.css",
)
_PORTAL_PAGES = ("portal/list.css", "portal/account.css", "otklik/forms.css")
_WORKSPACE = (
    "otklik/workspace.css",
    "otklik/palette.css",
    "otklik/ticket-head.css",
    "otklik/writing.css",
    "workspace/workspace.css",
    "workspace/home.css",
    "workspace/queue-phone.css",
    "workspace/rows-bar.css",
    "workspace/wide-lists.css",
    "workspace/ticket.css",
    "workspace/presence.css",
    "workspace/canned.css",
    "workspace/reply-tabs.css",
    "workspace/pending-reply.css",
    "otklik/forms.css",
)
# The password check must come before the script that locks submitted forms.
_EVERYWHERE = ("theme", "later", "menus", "passwords", "feedback", "native", "hotkeys", "focus", "unsaved")
BUNDLES: dict[str, tuple[str, ...]] = {
    "bundles/portal.css": (*_BOTH, *_PORTAL, *_PORTAL_PAGES),
    "bundles/workspace.css": (*_BOTH, *_WORKSPACE),
    "bundles/ledger.css": ("workspace/ledger.css", "workspace/ledger-mail.css", "workspace/outbox.css"),
    "bundles/settings.css": ("workspace/settings.css", "workspace/mail-texts.css"),
    "bundles/sight.css": ("otklik/sight.css", "otklik/sight-panel.css"),
    "bundles/every.js": tuple(f"otklik/{name}.js" for name in _EVERYWHERE),
}

_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*([{};])\s*|\s+")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DARK = re.compile(r'\[data-bs-theme="?dark"?\]')


def bundled(files: Iterable[Path]) -> str:
    """Return the files concatenated; style sheets without comments, with the rules of `with_system_dark`."""
    return "\n".join(_script(path) if path.suffix == ".js" else with_system_dark(_small(path)) for path in files)


def with_system_dark(css: str) -> str:
    """Repeat each rule for the dark theme for pages that follow the system ([data-theme=auto]), without a script."""

    def doubled(match: re.Match[str]) -> str:
        if not _DARK.search(match[1]):
            return match[0]
        dark = [
            selector for selector in match[1].split(",") if _DARK.search(selector) and "theme=light" not in selector
        ]
        selector = ",".join(_DARK.sub("[data-theme=auto]", selector_part).strip() for selector_part in dark)
        return f"{match[0]}@media (prefers-color-scheme:dark){{{selector}{{{match[2]}}}}}"

    return _RULE.sub(doubled, css)


def _script(path: Path) -> str:
    """Each script is an immediately invoked function, so names do not collide."""
    return path.read_text(encoding="utf-8")


def _small(path: Path) -> str:
    css = path.read_text(encoding="utf-8")
    if path.name.endswith(".min.css"):
        return css
    return _SPACE.sub(lambda match: match[1] or " ", _COMMENT.sub("", css)).strip()


class Bundles(BaseFinder):
    """Finds bundles/*, rebuilt in the home when one of their files has changed."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=Path(settings.HOME) / "bundles")
        self.stamps: dict[str, list[int]] = {}

    def check(self, **kwargs: Any) -> list[Any]:
        """Return no errors: there is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the path of a bundle; [] for anything else, as Django expects."""
        if path not in BUNDLES:
            return []
        bundle = self._made(path)
        return [bundle] if find_all else bundle

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Yield every bundle, up to date."""
        for name in BUNDLES:
            self._made(name)
            yield name, self.storage

    def _made(self, name: str) -> str:
        """Return the bundle's path; the file is written only if it changes, so its time is that of the change."""
        path = Path(self.storage.path(name))
        files = [Path(str(finders.find(file))) for file in BUNDLES[name]]
        stamps = [file.stat().st_mtime_ns for file in files]
        if self.stamps.get(name) != stamps or not path.exists():
            _write(path, bundled(files))
            self.stamps[name] = stamps
        return str(path)


def _write(path: Path, text: str) -> None:
    """Write the file atomically, because several processes may start at once."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)

"""A desk's style sheet and logo, under URLs that contain a hash of their content."""

import hashlib
from dataclasses import dataclass

from django.urls import reverse

from otklik.desks.models import Desk
from otklik.ui.colors import ink_on, mixed_with, readable

# The surfaces on which links and buttons stand (ui/static/otklik/base.css).
LIGHT, LIGHT_SOFT = "#ffffff", "#f4f6f9"
DARK, DARK_SOFT = "#19222d", "#1f2a37"


@dataclass(frozen=True, slots=True)
class Brand:
    """URLs of the desk's style; "" where the desk uses the default look."""

    css_url: str
    logo_url: str


def brand_of(desk: Desk) -> Brand:
    """Return the desk's style URLs. No query."""
    css = brand_css(desk)
    mark = hashlib.sha256(css.encode()).hexdigest()[:12]
    return Brand(
        css_url=reverse("portal:brand_css", args=[desk.pk, mark]) if css else "",
        logo_url=reverse("portal:logo", args=[desk.pk, desk.logo_digest[:16]]) if desk.logo_digest else "",
    )


def brand_css(desk: Desk) -> str:
    """Return the desk's style sheet; "" without own colours.

    Does not affect the low-vision version. In the dark theme the accent is lightened until it is readable.
    """
    rules = []
    if desk.banner_color:
        ink = ink_on(desk.banner_color)
        soft = f"html:not(.sight) .hero {{ background: {desk.banner_color}; border-color: {desk.banner_color}; "
        rules.append(f"{soft}color: {ink}; }}")
        inside = "h1, .hero-text, .crumbs, .crumbs a, .crumbs li::before"
        whole = ", ".join(f"html:not(.sight) .hero {selector}" for selector in inside.split(", "))
        rules.append(f"{whole} {{ color: {ink}; }}")
    if desk.accent_color:
        rules.append(_accent('html:not(.sight)[data-bs-theme="light"]', desk.accent_color, LIGHT, LIGHT_SOFT))
        rules.append(_accent('html:not(.sight)[data-bs-theme="dark"]', desk.accent_color, DARK, DARK_SOFT))
    return "\n".join(rules)


def _accent(where: str, color: str, surface: str, soft: str) -> str:
    link = readable(color, surface, soft)
    button = readable(color, "#ffffff")
    strong = mixed_with(link, ink_on(surface), 0.3)
    names = {
        "--accent": link,
        "--focus": link,
        "--tblr-link-color": link,
        "--tblr-link-hover-color": strong,
        "--tblr-primary": button,
        "--tblr-primary-darken": mixed_with(button, "#000000", 0.2),
        "--accent-soft": mixed_with(surface, color, 0.12),
        "--accent-line": mixed_with(surface, color, 0.4),
    }
    declarations = " ".join(f"{name}: {value};" for name, value in names.items())
    rgb = ", ".join(str(int(link[at : at + 2], 16)) for at in (1, 3, 5))
    return f"{where} {{ {declarations} --tblr-link-color-rgb: {rgb}; }}"

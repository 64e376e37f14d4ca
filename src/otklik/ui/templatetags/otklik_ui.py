"""Template tags for icons, initials, statuses, dates and widgets (docs/frontend.md)."""

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from django import forms, template
from django.forms.boundfield import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from otklik.core.file_sizes import filesizeformat
from otklik.core.humanized_time import moment_in_full, moment_words
from otklik.people.commands.phones import readable_number
from otklik.people.models import Person
from otklik.tickets import drafts
from otklik.ui.template_fragment_cache import memo

register = template.Library()

SPRITE = "vendor/tabler-icons/sprite.svg"
FALLBACK_ICON = "help-circle"
STATUS_CATEGORIES = frozenset({"new", "progress", "waiting", "done"})
AVATAR_TONES = 8


@cache
def icon_names() -> frozenset[str]:
    """Return the names of the icons in the sprite (`tools/icons.txt`)."""
    sprite = Path(__file__).resolve().parent.parent / "static" / SPRITE
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite.read_text(encoding="utf-8")))


@cache
def drawing(name: str) -> str:
    """Return the shapes of an icon without its <symbol>; those of the fallback for an unknown name."""
    sprite = Path(__file__).resolve().parent.parent / "static" / SPRITE
    wanted = name if name in icon_names() else FALLBACK_ICON
    match = re.search(rf'<symbol id="{wanted}"[^>]*>(.*?)</symbol>', sprite.read_text(encoding="utf-8"), re.DOTALL)
    return match[1] if match else ""


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Render an icon; decorative without `label`. An unknown name gives a question mark."""
    return _drawn(str(name), str(label), str(css))


@lru_cache(maxsize=2000)
def _drawn(name: str, label: str, css: str) -> SafeString:
    """Cached, because pages repeat the same dozens of icons."""
    href = f"{static(SPRITE)}#{name if name in icon_names() else FALLBACK_ICON}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, href
    )


register.filter("filesizeformat", filesizeformat)
register.tag("memo", memo)


register.filter("phone", readable_number)


@register.filter
def uncapitalized(text: object) -> str:
    """Return the text for the middle of a sentence: «Закрыть» -> «закрыть»; abbreviations ("SLA") stay."""
    string = str(text)
    return string if string[1:2].isupper() else string[:1].lower() + string[1:]


@register.filter
def initials(name: object) -> str:
    """Return one or two capital letters for a person: «Иван Петров» -> «ИП», "maria@example.org" -> «M»."""
    text = str(name or "")
    parts: list[str] = re.findall(r"[^\W\d_]+", text.partition("@")[0])
    taken = parts[:1] if "@" in text else parts[:2]
    return "".join(word[0] for word in taken).upper() or "?"


@register.simple_tag
def avatar(name: object, size: str = "") -> SafeString:
    """Render a disc with initials, coloured by the name; `size`: "", "sm", "lg". Hidden from screen readers."""
    tone = zlib.crc32(str(name or "").encode()) % AVATAR_TONES
    return _disc(tone, size, initials(name))


@lru_cache(maxsize=2000)
def _disc(tone: int, size: str, letters: str) -> SafeString:
    css = f"disc disc-{tone}" + (f" disc-{size}" if size else "")
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, letters)


@register.simple_tag
def status(name: object, category: str = "new") -> SafeString:
    """Render a status label. `category`: new, progress, waiting or done; others look like new."""
    return _lozenge(str(name), category if category in STATUS_CATEGORIES else "new")


@lru_cache(maxsize=2000, typed=True)
def _lozenge(name: str, shown: str) -> SafeString:
    """Cached, because lists repeat the same statuses. Typed, because a SafeString equals a str that must be escaped."""
    return format_html('<span class="status status-{}" data-status="{}">{}</span>', shown, name, name)


@register.simple_tag(takes_context=True)
def carried(
    context: Context, url: str = "", further: Mapping[str, object] | None = None, **fields: object
) -> SafeString:
    """Attributes of a button or field that submit the composer with the id `carrier` along, in browsers without
    scripts.

    So the action at `url` does not lose its text; `further` and `fields` are sent as parameters. Scripts save drafts
    themselves and remove these attributes (drafts.js).
    """
    form = context.get("carrier")
    if not form:
        return SafeString("")
    return _carried(form, url, *(further or {}).items(), *fields.items())


@lru_cache(maxsize=500, typed=True)
def _carried(form: str, url: str, *fields: tuple[str, object]) -> SafeString:
    address = f"{url}?{urlencode({'draft.act': 'carry', **dict(fields)})}"
    act = f' formaction="{escape(address)}" formnovalidate' if url else ""
    return SafeString(f' form="{escape(form)}"{act} data-carries')


@register.filter
def owner_mark(person: Person) -> str:
    """Return a mark of the person for unsaved text in the browser, which reveals nothing about them."""
    return drafts.owner_mark(person)


@register.filter
def moment(value: datetime | None, now: datetime | None = None) -> str:
    """Return «Сегодня 14:25» in the reader's language and time zone; "" for None. `now` defaults to the clock."""
    return moment_words(value, now or timezone.now()) if value else ""


@register.simple_tag
def when(value: datetime | None, now: datetime | None = None) -> SafeString:
    """Render `moment` in a `<time>` with the exact time, and the full one as a tooltip."""
    if value is None:
        return SafeString("")
    local = timezone.localtime(value)
    machine = local.isoformat(timespec="seconds")
    full, short = escape(moment_in_full(local)), escape(moment(local, now))
    return SafeString(f'<time datetime="{machine}" title="{full}">{short}</time>')


@register.filter
def widget_kind(field: BoundField) -> str:
    """Return the layout of a field: "check", "choices" (radio buttons or checkboxes), "password" or "input"."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    return "choices" if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple) else "input"


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """Render a bound field's widget with the classes of its kind; label and errors are the template's."""
    attrs = dict(field.field.widget.attrs)
    css = [
        str(attrs.get("class", "")),
        _widget_class(field.field.widget),
        "is-invalid" if field.errors else "",
    ]
    return field.as_widget(attrs={"class": " ".join(word for word in css if word)})


def _widget_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choice-list"  # Django sets it on the list and each of its inputs
    return "form-select" if isinstance(widget, forms.Select) else "form-control"

"""Render a mail's subject, text and HTML from templates, in the recipient's language."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.batch_cache import remembered
from otklik.desks.models import Desk
from otklik.desks.queries import main_address
from otklik.notify.texts.render import Bodies
from otklik.people.models import Person

LANGUAGES = {"ru", "en"}


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a mail, without its recipient."""

    subject: str
    text: str
    html: str


def language_of(person: Person, desk: Desk | None) -> str:
    """Return the person's language, else the desk's, else the site's."""
    chosen = person.language or (desk.language if desk else "")
    return chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE


def rendered(template: str, language: str, subject: str, context: dict[str, object]) -> Letter:
    """Render the text and HTML templates, in the active language. Text is not escaped, HTML is."""
    full = {"language": language, "public_url": settings.PUBLIC_URL, **context}
    text = render_to_string(f"mails/{template}.txt", full)
    html = render_to_string(f"mails/{template}.html", full)
    return Letter(subject=subject, text=_squeezed(text), html=html.strip() + "\n")


def framed(
    bodies: Bodies,
    language: str,
    *,
    subject: str,
    desk: Desk,
    key: str = "",
    can_reply: bool = False,
    stop_url: str = "",
    outside: bool = False,
) -> Letter:
    """Put the frame around a body: how to answer, which desk it is from, how to stop these mails.

    In the active language. Desks cannot edit the frame.
    """
    context: dict[str, object] = {
        "language": language,
        "desk": desk,
        "key": key,
        "can_reply": can_reply,
        "marker": reply_marker(),
        "stop_url": stop_url,
        "outside": outside,
    }
    text = render_to_string("mails/frame.txt", {**context, "body": bodies.text})
    # Written by texts.render, which escapes every value.
    html = render_to_string("mails/frame.html", {**context, "body": SafeString(bodies.html)})
    return Letter(subject=subject, text=_squeezed(text), html=html.strip() + "\n")


def reply_marker() -> str:
    """Return the line above which customers write their reply."""
    line = _("Write your answer above this line")
    return f"— — — {line} — — —"


@remembered
def sender_address(desk: Desk | None) -> str:
    """Return the From address: the desk's, else the first desk's that has one, else one that receives no mail."""
    own = (desk.mail_from or main_address(desk)) if desk else ""
    if own:
        return own
    for other in Desk.objects.order_by("id"):
        if address := main_address(other):
            return address
    host = settings.PUBLIC_URL.partition("://")[2].partition("/")[0].rpartition(":")[0] or "localhost"
    return f"no-reply@{host}"


def in_language(language: str) -> translation.override:
    """Context manager: activate the language."""
    return translation.override(language)


def _squeezed(text: str) -> str:
    """Reduce consecutive empty lines to one."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"

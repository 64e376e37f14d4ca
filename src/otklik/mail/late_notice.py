"""A notice in mails that are sent long after they were written."""

from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from otklik.mail.models import OutboundMail

_MARK = (
    '<p style="margin:0 auto;max-width:600px;padding:8px 12px;font-family:Arial,sans-serif;font-size:13px;'
    'color:#667382;text-align:center;">{words}</p>'
)


def delay_words(mail: OutboundMail, at: datetime) -> str:
    """Return a sentence with the time of writing, in the mail's language; "" for a mail that is on time."""
    limit = timedelta(hours=settings.DELAYED_HOURS)
    if not limit or at - mail.created_at < limit:
        return ""
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        written = date_format(timezone.localtime(mail.created_at), "j E Y H:i T", use_l10n=False)
        return _("Delivered late: this mail was written on %(moment)s.") % {"moment": written}


def marked_text(text: str, notice: str) -> str:
    """Put the notice above the text."""
    return f"{notice}\n\n{text}" if notice else text


def marked_html(html: str, notice: str) -> str:
    """Put the notice at the top of the HTML body."""
    if not notice or not html:
        return html
    before, body, rest = html.partition("<body")
    opened, end, inside = rest.partition(">")
    mark = _MARK.format(words=escape(notice))
    return f"{before}{body}{opened}{end}{mark}{inside}" if body and end else f"{mark}{html}"

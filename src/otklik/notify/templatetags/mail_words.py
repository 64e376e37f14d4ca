"""Words of a message inside our own mails."""

from django import template
from django.utils.safestring import SafeString

from otklik.tickets.render import message_html

register = template.Library()


@register.filter
def mail_words(text: str) -> SafeString:
    """Plain text as safe paragraphs with links, as on the pages."""
    return message_html(text)

"""Texts of internal notes that commands add by themselves, in the active language."""

from django.utils.translation import gettext as _


def mail_left(target: str) -> str:
    """The mail that opened a request went elsewhere; `target`: the key of the other request, if known."""
    return (
        _("The mail was moved to %(key)s.") % {"key": target} if target else _("The mail was taken off this request.")
    )


def spam() -> str:
    """The mail that opened the request is spam."""
    return _("Spam")

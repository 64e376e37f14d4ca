"""Texts of internal notes that commands add by themselves, in the active language."""

from django.utils.translation import gettext as _


def mail_left(target: str) -> str:
    """Return the note for a request whose opening mail went elsewhere. `target`: that request's key, "" if unknown."""
    return (
        _("The mail was moved to %(key)s.") % {"key": target} if target else _("The mail was taken off this request.")
    )


def spam() -> str:
    """Return the note for a request whose opening mail is spam."""
    return _("Spam")

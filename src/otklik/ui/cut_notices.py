"""The notice on a message whose mail exceeded a limit. The original mail is then among the message's files."""

from collections.abc import Sequence

from django.utils.translation import gettext as _


def told_cuts(codes: Sequence[str]) -> str:
    """Return the notice for codes of `mail.parse.truncations` in the reader's language; "" for no codes."""
    if not codes:
        return ""
    notices = {
        "text": _("its text is too long"),
        "html": _("its formatted text is too large or too complicated, so only the plain words are shown"),
        "files": _("it has too many files"),
        "parts": _("it has too many parts, or parts nested too deep"),
        "head": _("its head is too long"),
        "people": _("it names too many people"),
        "letters": _("some of its letters may be wrong"),
        "size": _("it is too large"),
        "broken": _("a picture or a file in its text is broken"),
    }
    reasons = [notices[code] for code in codes if code in notices] or [_("it could not be read to its end")]
    # Translators: then comes why.
    return _("Not everything of this mail is shown here: %(why)s. The original mail is attached.") % {
        "why": "; ".join(reasons)
    }

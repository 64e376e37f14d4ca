"""Labels of the mail ledger's codes: fates, trust levels, rules, channels."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.intake.events import MadeRequest, MailAttached, MailDone, MailRunAgain, MarkedSpam, UnmarkedSpam
from otklik.journal.events import TypedEvent

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """A label with its icon. `tone`: good, calm, warn or bad; `hint`: an explanation."""

    label: Text
    icon: str
    tone: str
    hint: Text = ""


class Mark(NamedTuple):
    """`Words` translated for a template."""

    label: str
    icon: str
    tone: str
    hint: str


FATES: dict[str, Words] = {
    "": Words(_("waits to be processed"), "hourglass", "calm"),
    "request": Words(_("request"), "ticket", "good"),
    "comment": Words(_("comment"), "message", "good"),
    "note": Words(_("internal note"), "lock", "good"),
    "held_comment": Words(_("held inside a request"), "mail-pause", "bad"),
    "bounce": Words(_("delivery report"), "mail-x", "calm"),
    "auto_reply": Words(_("automatic reply"), "repeat", "calm"),
    "own": Words(_("own mail or a loop"), "refresh", "warn"),
    "unreadable": Words(_("could not be read"), "mail-exclamation", "bad"),
    "blocked": Words(_("sender blocked"), "ban", "calm"),
    "spam": Words(_("spam"), "trash", "calm"),
    "astray": Words(_("for nobody we know"), "mail-exclamation", "warn"),
    "done": Words(_("nothing to do"), "check", "calm"),
    "copy": Words(_("the same mail once more"), "copy", "calm"),
    "rolled_back": Words(_("import taken back"), "arrow-back-up", "calm"),
}
LEVELS: dict[str, Words] = {
    "proved": Words(
        _("proved"),
        "shield-check",
        "good",
        _("It answers a mail that only this address got: nobody else could write it."),
    ),
    "aligned": Words(
        _("checked by the server"),
        "shield-check",
        "good",
        _("Our own mail server checked that the mail really comes from this domain (DMARC)."),
    ),
    "claimed": Words(
        _("not proved"),
        "user-question",
        "warn",
        _("The mail says so, and nothing proves it: anybody can write any sender."),
    ),
    "none": Words(
        _("unclear"),
        "alert-triangle",
        "bad",
        _("The mail names no sender, several, or one that can be read in two ways."),
    ),
    "": Words(_("not looked at"), "circle", "calm", _("The mail was taken out before its sender mattered.")),
}
RULES: dict[str, Text] = {
    "": _("none: a new matter"),
    "reply_address": _("signed reply address"),
    "reply_token": _("answer to a mail of ours"),
    "references": _("answer to an earlier mail"),
    "subject": _("number in the subject"),
    "by_hand": _("put there by hand"),
}
STATES: dict[str, Text] = {
    "waiting": _("waiting"),
    "filed": _("filed"),
    "held": _("held"),
    "failed": _("failed"),
}
TRANSPORTS: dict[str, Text] = {"smtp": "SMTP", "lmtp": "LMTP", "imap": "IMAP", "pipe": _("pipe"), "demo": _("demo")}
OUTBOX: dict[str, Text] = {
    "queued": _("waits to be sent"),
    "sent": _("sent"),
    "kept": _("kept: no mail server is set"),
    "failed": _("not delivered"),
}
ACTS: dict[type[TypedEvent], Text] = {
    MadeRequest: _("made a request"),
    MailAttached: _("attached to a request"),
    MailRunAgain: _("run again"),
    MarkedSpam: _("marked as spam"),
    MailDone: _("seen to: nothing to do"),
    UnmarkedSpam: _("taken back from spam"),
}


def fate_mark(fate: str) -> Mark:
    """Return the label for the outcome of a received mail."""
    return _mark(FATES.get(fate, Words(fate, "help-circle", "calm")))


def level_mark(level: str) -> Mark:
    """Return the label for how far a mail's sender is authenticated."""
    return _mark(LEVELS.get(level, LEVELS[""]))


def _mark(words: Words) -> Mark:
    return Mark(str(words.label), words.icon, words.tone, str(words.hint))

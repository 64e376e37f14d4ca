"""Reason codes of what was done with a mail, and their wording in the reader's language.

A stored reason is a row of words between blanks. `@code` or `@code=value` is one of REASONS; every other word stays
as it is, so that what a server said, and reasons of older versions, are shown unchanged.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    # which ticket, and how
    "new_mail": _("A new mail to the desk's address."),
    "closed_long": _("The request %(key)s has been closed for long."),
    "names_key": _("The mail names %(key)s, but its sender is not proved to be on that request."),
    "reply_address": _("It was sent to the signed reply address of this request."),
    "reply_token": _("It answers a mail of ours about this request."),
    "references": _("It answers an earlier mail of this request."),
    "subject": _("Its subject names this request."),
    "forwarded": _("It answers the mail that was forwarded to %(name)s."),
    "other_writer": _("It came from another address than that one."),
    "asks_to_close": _("Its first line asks to close the request."),
    "rates": _("It is nothing but a rating of the help, so it does not open the request again."),
    # why it waits
    "no_sender": _("Its sender cannot be made out."),
    "taken_off": _("Its sender was taken off the request."),
    "not_on_it": _("Its sender is not on the request."),
    "not_proved": _("Nothing proves that it really comes from this sender."),
    "two_readings": _("Its header can be read in two ways, so no proof of its sender counts."),
    "left_open": _("The signature of its sender leaves open what this mail says and to whom."),
    "same_again": _("This mail of the sender came before; anybody who has it can send it again."),
    "same_id": _("Another mail with the same Message-ID was received before."),
    "copy": _("The same mail came by another way; %(key)s has it already."),
    "unreadable": _("The mail could not be read."),
    # what the checks say
    "own_mark": _("This is a mail of our own that came back."),
    "own_address": _("The sender is one of our own addresses."),
    "loop": _("The mail passed more than %(count)s servers: it goes round in circles."),
    "bounce": _("A mail server reports that a mail was not delivered."),
    "blocked": _("The desk blocked this sender."),
    "astray": _("Nothing says for which address of ours this mail is."),
    "report": _("A report about a mail."),
    "report_delayed": _("A mail server reports that a mail is delayed; it goes on trying."),
    "report_delivered": _("A mail server reports that a mail was delivered."),
    "report_seen": _("A receipt: the mail was opened."),
    "report_deleted": _("A receipt: the mail was deleted unread."),
    "reads_automatic": _("It reads like an automatic answer."),
    "auto_reply": _("An automatic answer, such as an out-of-office note."),
    # why nobody is answered
    "auto_submitted": _("The mail says that a machine sent it."),
    "bulk": _("The mail came by a mailing list or in bulk."),
    "machine_name": _("The sender's address does not take answers."),
    "no_return_path": _("The mail has an empty return path."),
    "asks_for_silence": _("The mail asks not to be answered automatically."),
    "other_desk": _("Another desk sent this mail by itself."),
    "imported": _("The mail was imported: it came before the desk took this mailbox over."),
    # what people did
    "made_request": _("%(name)s made a request of it."),
    "made_of_mail": _("%(name)s made a request of this mail."),
    "put_here": _("%(name)s put it here."),
    "took_it": _("%(name)s took it as a request."),
    "admitted": _("Admitted by %(name)s."),
    "held_again": _("Held again by %(name)s."),
    "proved_own": _("Admitted: %(name)s proved that the address is theirs."),
    "marked_spam": _("%(name)s marked it as spam."),
    "done": _("%(name)s saw to it: nothing to do."),
    "rolled_back": _("Its import was taken back by %(name)s."),
}
_ESCAPES = {"%": "%25", " ": "%20", "\t": "%20", "\n": "%20", "\r": "%20"}


def because(code: str, value: str = "") -> str:
    """Return the stored form of a reason. `value`: a key, name or number in its sentence."""
    assert code in REASONS, code
    return f"@{code}={''.join(_ESCAPES.get(char, char) for char in value[:120])}" if value else f"@{code}"


def in_words(reason: str) -> str:
    """Return stored reasons as sentences in the active language."""
    return " ".join(_word(word) for word in reason.split(" ")) if "@" in reason else reason


def _word(word: str) -> str:
    code, _equals, value = word.removeprefix("@").partition("=")
    if not word.startswith("@") or code not in REASONS:
        return word
    plain = value.replace("%20", " ").replace("%25", "%")
    return str(REASONS[code]) % {"key": plain, "name": plain, "count": plain}

"""Texts of account mails, one function for each kind, in a shared layout.

Desks cannot edit them: these mails carry power over accounts, and their wording is part of keeping it safe.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class AccountWords:
    """The text of one mail: `label` and `link` make the button, `code` is set large, `small` is the fine print."""

    subject: str
    lines: list[str]
    label: str = ""
    link: str = ""
    code: str = ""
    small: list[str] = field(default_factory=list)


def prove_address(name: str, link: str) -> AccountWords:
    """To an address that somebody wants to add to their account; `link` confirms it and works once."""
    return AccountWords(
        subject=_("Confirm the address"),
        lines=[
            _("%(name)s wants to use this mail address in the support centre.") % {"name": name},
            _("If that is you, press the button. Mails from this address will then count as yours."),
        ],
        label=_("Confirm the address"),
        link=link,
        small=[
            _("The link works once, within 24 hours, and only for whoever is logged in to that account."),
            _("If it was not you, do nothing: the address will not be added."),
        ],
    )


def address_is_taken(address: str) -> AccountWords:
    """To the owner of an address that somebody tried to add to another account."""
    return AccountWords(
        subject=_("Your address belongs to your account"),
        lines=[
            _("Somebody wanted to add %(address)s to another account of the support centre.") % {"address": address},
            _("Nothing has changed: the address stays with your account."),
            _("If it was you: log in to the account of this address, remove the address there, then add it again."),
        ],
    )


def changed(what: str, link: str) -> AccountWords:
    """To the primary address after a security-relevant change. `what`: one of the sentences below, such as
    `password_changed()`; `link`: the account page."""
    return AccountWords(
        subject=_("Your account was changed"),
        lines=[what, _("If it was you, nothing is left to do.")],
        label=_("Look at my account"),
        link=link,
        small=[_("If it was not you, set a new password at once and write to the support.")],
    )


def password_changed() -> str:
    """A sentence for `changed`."""
    return _("The password was changed.")


def address_added(address: str) -> str:
    """A sentence for `changed`."""
    return _("The address %(a)s was added.") % {"a": address}


def address_removed(address: str) -> str:
    """A sentence for `changed`."""
    return _("The address %(a)s was removed.") % {"a": address}


def primary_chosen(address: str) -> str:
    """A sentence for `changed`."""
    return _("Your main address is %(a)s from now on.") % {"a": address}


def login_code(code: str, minutes: int) -> AccountWords:
    """The code that logs somebody in or confirms a sensitive action; it expires after `minutes`."""
    return AccountWords(
        subject=_("Your code"),
        lines=[_("Type this code on the page where you asked for it:")],
        code=code,
        small=[
            ngettext("The code works for %(count)d minute.", "The code works for %(count)d minutes.", minutes)
            % {"count": minutes},
            _("Tell it to nobody: the support never asks for it. If you did not ask for it, do nothing."),
        ],
    )


def sign_up(link: str) -> AccountWords:
    """To an address without an account that somebody wants to register; `link` leads to choosing a password."""
    return AccountWords(
        subject=_("Finish your registration"),
        lines=[_("Press the button and choose a password. Your login is the address to which this mail was sent.")],
        label=_("Finish the registration"),
        link=link,
        small=[
            _("The link works once, within 24 hours."),
            _("If you did not register, ignore this mail: no account is made without it."),
        ],
    )


def has_account(link: str) -> AccountWords:
    """To an address that somebody tried to register although it has an account; `link` resets the password."""
    return AccountWords(
        subject=_("You have an account already"),
        lines=[
            _("Somebody, probably you, wanted to register this address. It has an account already."),
            _("Log in with it. If you do not remember the password, set a new one."),
        ],
        label=_("Set a new password"),
        link=link,
        small=[_("If it was not you, do nothing: nothing has changed.")],
    )


def invitation(inviter: str, link: str, hours: int) -> AccountWords:
    """To a person invited by the agent called `inviter`; `link` works once, within `hours`."""
    return AccountWords(
        subject=_("Invitation to the support centre"),
        lines=[
            _("%(name)s invites you to the support centre.") % {"name": inviter},
            _("Press the button and choose a password. Your login is the address to which this mail was sent."),
        ],
        label=_("Activate my account"),
        link=link,
        small=[
            ngettext(
                "The link works once, within %(count)d hour.", "The link works once, within %(count)d hours.", hours
            )
            % {"count": hours}
        ],
    )


def export_ready(link: str, days: int) -> AccountWords:
    """The export of the person's own data can be downloaded, for `days`."""
    return AccountWords(
        subject=_("Your data are ready"),
        lines=[_("The archive with your data that you asked for is ready.")],
        label=_("Download the archive"),
        link=link,
        small=[
            ngettext(
                "It lies there for %(count)d day; you will be asked to log in.",
                "It lies there for %(count)d days; you will be asked to log in.",
                days,
            )
            % {"count": days}
        ],
    )


def factor_removed() -> str:
    """A sentence for `changed`."""
    return _("An administrator removed your second factor.")


def confirm_request(desk: str, link: str) -> AccountWords:
    """To an address that somebody without an account gave in a request.

    Quotes nothing of the request, so that the form cannot be used to send text to strangers (AB-88).
    """
    return AccountWords(
        subject=_("Confirm your request"),
        lines=[
            _("A request to %(desk)s was written with your address.") % {"desk": desk},
            _("It is sent when you confirm it: open the page and press the button there."),
        ],
        label=_("See and confirm the request"),
        link=link,
        small=[_("The link works for 24 hours. If it was not you, do nothing: the request will not be sent.")],
    )


def digest(lines: list[str], unnamed: int, link: str) -> AccountWords:
    """The daily mail: one line per message in place of single notifications. `unnamed`: how many more there are."""
    count = len(lines) + unnamed
    more = ngettext(
        "And %(count)d more message, which stands on the page of its request.",
        "And %(count)d more messages, which stand on the pages of their requests.",
        unnamed,
    ) % {"count": unnamed}
    return AccountWords(
        subject=ngettext("%(count)d message on your requests", "%(count)d messages on your requests", count)
        % {"count": count},
        lines=[*lines, more] if unnamed else lines,
        label=_("Open my requests"),
        link=link,
        small=[_("You chose one mail a day. Change it on your profile, under Notifications.")],
    )


def digest_comment(key: str, subject: str, author: str, comment: str) -> str:
    """A line of the daily mail about a comment."""
    return _("%(key)s “%(subject)s”. %(author)s: %(said)s") % {
        "key": key,
        "subject": subject,
        "author": author,
        "said": comment,
    }


def digest_status(key: str, subject: str, status: str) -> str:
    """A line of the daily mail about a new status."""
    return _("%(key)s “%(subject)s”: %(status)s") % {"key": key, "subject": subject, "status": status}


def no_code_for_staff(link: str) -> AccountWords:
    """To an agent who asked for a login code: staff must use a password or a passkey."""
    return AccountWords(
        subject=_("No login code for staff"),
        lines=[
            _("Somebody, probably you, asked for a code to log in to the support centre."),
            _("Whoever works at a desk logs in by password or passkey; codes are mailed to customers only."),
        ],
        label=_("Set a new password"),
        link=link,
        small=[_("If it was not you, do nothing.")],
    )

"""Classify SMTP refusals by stage, code and text: do they concern our server, the recipient, or this mail? Pure.

The rule: what is said before a recipient was heard, and whatever is about the sender, our domain, our login, a policy
or a rate, is our own trouble. It never counts against an address and is not final. In doubt nobody's address is blamed.
Sources: RFC 5321 4.2, RFC 3463 and the IANA registry of enhanced status codes, RFC 4954 section 6, RFC 7504.
"""

import re
from enum import StrEnum


class Stage(StrEnum):
    """How far a mail got. GONE: reported later, by a server beyond ours."""

    OPEN = "open"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    GONE = "gone"


class Blame(StrEnum):
    """Whose problem a refusal is. RELAY: the server accepts nothing from us; POLICY: not this mail, because of who we
    are."""

    RELAY = "relay"
    POLICY = "policy"
    RECIPIENT = "recipient"
    MAIL = "mail"


OURS = (Blame.RELAY, Blame.POLICY)
# "Authentication required" and its kin (RFC 4954 section 6).
LOGIN = {454, 530, 534, 535, 538}
_CODE = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# No such mailbox, bad syntax, moved without a new address, no such domain, null MX; mailbox disabled.
GONE = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_BAD_SENDER = {(1, 7), (1, 8)}
_TOO_BIG = {(2, 3), (3, 4)}
# The server is full, takes no network mail, is set up wrongly; routing loop, congestion, directory.
_SERVER = {(3, 1), (3, 2), (3, 5), (4, 3), (4, 5), (4, 6)}
_SYNTAX, _NO_MAIL_HERE = {500, 502, 503, 504, 555}, {521}
_ADDRESS = re.compile(r"<[^<>]*>|(?<![^\s<>])[^\s@<>]+@\S+")
_SENDER_WORDS = re.compile(
    r"""sender\W+(?:\w+\W+){0,4}?(?:reject|den[iy]|refus|fail|unknown|invalid|block|mismatch|forbidden|unverified
        |not\W|does\W|is\W|must\W)
    |(?:verif\w{1,12}+|callout|unauthori[sz]ed|invalid|bad|unknown|unverified|forged|spoofed)\W+(?:\w+\W+){0,3}?sender
    |not\ owned\ by|send[\ -]?as\b|sendasdenied|return[\ -]path|envelope[\ -](?:from|sender)|mail\ from\b
    |\bfrom\ (?:address|header|domain)|domain\ of\ sender|permissions?\ to\ send
    |(?:allowed|permitted|authori[sz]ed)\ to\ send
    |отправител""",
    re.IGNORECASE | re.VERBOSE,
)
_OUR_WORDS = re.compile(
    r"""\brelay|authenticat|\bauth\b|log\ ?in\b|credentials|\bspf\b|dkim|dmarc|(?:black|block|deny)[\ -]?list
    |\bblocked\b|spamhaus|spamcop|barracuda|\brbl\b|dnsbl|reputation|\bspam\b|спам|\bbanned\b|client\ host
    |your\ (?:ip|host|server|network|domain|message|e?-?mail|organi[sz]ation)
    |\b(?:he|eh)lo\b|\bptr\b|reverse\ dns|\brdns\b
    |policy|policies|administrative|prohibited|\brate\b|throttl|too\ (?:many|much|fast)\ (?!recipients)|slow\ down
    |(?:send|sending|messages?|hourly|daily|outgoing|outbound|connections?|user|plan)\W+(?:\w+\W+){0,3}?(?:limit|quota)
    |limit\ exceeded|\btls\b|encrypt|\bdomain\W++(?:\S{1,260}\s++)?has\ no\ (?:mx|a|valid)\b
    |политик|запрещ|ч[её]рн\w{1,3}\ спис|репутаци""",
    re.IGNORECASE | re.VERBOSE,
)
# What only the server says to which we hand all our mail.
_RELAY_WORDS = re.compile(r"\brelay|\bauth(?:enticat\w+)?\b|log\ ?in\b|credentials", re.IGNORECASE)
# Any receiver checks these, and says so in the words above.
_CHECKS = re.compile(r"\bspf\b|dkim|dmarc|unauthenticated|5\.7\.2\d", re.IGNORECASE)
_SIZE_WORDS = re.compile(r"\bsize\b|too (?:big|large|long)|larger than", re.IGNORECASE)
# Greylisting: the usual way of a receiver with somebody new, no trouble of anybody (RFC 6647).
_COME_AGAIN = re.compile(
    r"gr[ea]y[\ -]?list|postgrey|(?:try|come|retry)\ (?:\w+\ )?(?:again|back|later)", re.IGNORECASE
)
_TOO_FAST = re.compile(
    r"\brate\b|limit|quota|throttl|too (?:many|much|fast)|reputation|block|spam|complaint|unsolicited|suspicious",
    re.IGNORECASE,
)


def status_of(answer: str) -> tuple[int, int] | None:
    """Return subject and detail of the first enhanced status code (RFC 3463) in a reply; None if there is none."""
    match = _STATUS.search(answer)
    return (int(match.group(2)), int(match.group(3))) if match else None


def is_about_the_sender(answer: str) -> bool:
    """Return whether the reply refuses the envelope sender, so that another one might be accepted."""
    return status_of(answer) in _BAD_SENDER or bool(_SENDER_WORDS.search(_ADDRESS.sub(" ", answer)))


def is_about_us(answer: str) -> bool:
    """Return whether the refusal can only be about our sender or login; False if in doubt."""
    if _CHECKS.search(answer):
        return False
    return is_about_the_sender(answer) or bool(_RELAY_WORDS.search(_ADDRESS.sub(" ", answer)))


def blame(stage: Stage, code: int, answer: str) -> Blame:
    """Return whose problem the refusal is. `answer`: with reply code and status code."""
    status = status_of(answer)
    if status in _TOO_BIG or (code == 552 and status is None and _SIZE_WORDS.search(answer)):
        return Blame.MAIL
    if stage in {Stage.OPEN, Stage.MAIL}:
        return Blame.RELAY
    if code == 421 or code in LOGIN:
        return Blame.RELAY
    if is_about_the_sender(answer):
        return Blame.POLICY
    if status is None:
        return _without_status(stage, code, answer)
    return _by_status(status, code, answer)


def blame_of_report(answer: str) -> Blame:
    """Return whose problem a bounce or a stored reply without a stage is."""
    code = _CODE.search(answer)
    return blame(Stage.GONE, int(code.group()) if code else 550, answer)


def _by_status(status: tuple[int, int], code: int, answer: str) -> Blame:
    subject = status[0]
    if status in GONE:
        return Blame.RECIPIENT
    if subject == 7 and _is_greylisting(code, answer):
        return Blame.RECIPIENT
    if subject == 7 or status in _SERVER or code in _SYNTAX - {555}:
        return Blame.POLICY
    # A full mailbox speaks of quotas and limits, too: its status says whose.
    if subject != 2 and _says_us(answer):
        return Blame.POLICY
    return Blame.MAIL if subject in {3, 5, 6} else Blame.RECIPIENT


def _without_status(stage: Stage, code: int, answer: str) -> Blame:
    if _is_greylisting(code, answer):
        return Blame.RECIPIENT
    if _says_us(answer) or code in _NO_MAIL_HERE or code in _SYNTAX:
        return Blame.POLICY
    if stage in {Stage.DATA, Stage.DOT} or code == 554:
        return Blame.MAIL
    return Blame.RECIPIENT


def _is_greylisting(code: int, answer: str) -> bool:
    plain = _ADDRESS.sub(" ", answer)
    return 400 <= code < 500 and bool(_COME_AGAIN.search(plain)) and not _TOO_FAST.search(plain)


def _says_us(answer: str) -> bool:
    return bool(_OUR_WORDS.search(_ADDRESS.sub(" ", answer)))

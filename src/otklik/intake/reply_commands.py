"""Commands in the text of a customer's reply: rate, close (ADR 30).

Only mails that may write on the request come here (proved or aligned, from somebody on it). A word counts when the new
words of the mail begin with it alone in its line; the rest goes with it. Whatever was not meant so is easy to take
back: the answer to such a mail says how.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from otklik.people.models import Person
from otklik.tickets.commands.status import customer_transitions
from otklik.tickets.models import Ticket
from otklik.tickets.ratings import may_rate

LONGEST_RATING = 300
_CLOSE = re.compile(
    r"(?:пожалуйста[, ]+)?(?:закрыть|закройте|закрывайте|можно закрывать|можно закрыть|close|please close)"
    r"(?:[, ]+(?:запрос|заявку|it|the request|пожалуйста|please))*[.!]*",
    re.IGNORECASE,
)
_SCORES = (
    r"1|один|единиц[ау]|one",
    r"2|два|двойк[ау]|two",
    r"3|три|тройк[ау]|three",
    r"4|четыре|четв[её]рк[ау]|four",
    r"5|пять|пят[её]р(?:оч)?к[ау]|five",
)
_RATING = re.compile(
    r"(?:(?:(?:моя|наша|общая)\s+)?оценка|(?:по)?став(?:лю|им)|даю|оценива(?:ю|ем)(?:\s+на)?|rating|score|i give)?"
    rf"[\s:=–—-]*(?:(?:тв[её]рд|крепк)\w+\s+)?[«„“\"']?({'|'.join(_SCORES)})(?!\w)\+?[»“”\"']?(?:\s*(?:/|из|of)\s*5)?"
    r"(?:\s*(?:балл(?:а|ов)?|зв[её]зд[аы]?|points?|stars?))?(?:[\s.,!;:)–—-]+(.*))?",
    re.IGNORECASE | re.DOTALL,
)
# Emoji do not change the meaning of a number.
_FACES = re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
_THANKS = re.compile(
    r"(?:(?:большое|огромное|очень|вам|всем|вс[её]|работает|заработало|many)[\s,!.]*){0,3}"
    r"(?:спасибо|благодар|отлично|хорошо|супер|молодц|thank|great|excellent|perfect)",
    re.IGNORECASE,
)
_THANKS_BEFORE = re.compile(
    _THANKS.pattern
    + r"\w*(?:\s+(?:большое|огромное|вам|всем|за помощь|you|a lot|very much|for your help))*[\s,.!;:)–—-]+",
    re.IGNORECASE,
)
# Text that asks for help, so that a number before it is no rating.
_TROUBLE = re.compile(
    r"\?|\b(?:опять|снова|по-прежнему|вс[её] ещ[её]|вс[её] равно|однако|still|again|cannot|can't|doesn't|not work)"
    r"|\b(?:не|нельзя)\s+(?:могу|может|могут|можем|удал|уда[её]т|получ|работа|откры|загру|груз|прих|сохран|запуск|вид|вход)",
    re.IGNORECASE,
)
# Words about the service. Text below a number that has neither these nor thanks is about something else.
_OPINION = re.compile(
    r"\b(?:долго|быстро|оперативно|медленно|плохо|ужасно|нормально|неплохо|жда(?:л|ть)|вежлив|груб|внимательн|помог|ответил"
    r"|поддержк|сотрудник|специалист|решил|slow|fast|quick|wait|polite|rude|bad|helped|helpful|support|solved)",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:но|только|кроме|but|except)\b", re.IGNORECASE)


class Wish(StrEnum):
    """What a mail may ask for besides being a comment."""

    RATE = "rate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Order:
    """A command. `score`: 1 to 5 for a rating, else 0. `words`: the text without the command."""

    wish: Wish
    score: int = 0
    words: str = ""


def order_in(text: str, ticket: Ticket, writer: Person | None, at: datetime) -> Order | None:
    """Return the command in the reply's new text, if this author may give it now. Reads the database only.

    On a closed ticket a number by the requester is a rating, on an open one "close" closes it. Otherwise None.
    """
    text = text.strip()
    if ticket.closed_at is not None:
        short = _FACES.sub("", text).strip() if len(text) <= LONGEST_RATING else ""
        if (order := _rating_behind_thanks(short)) is not None:
            return order if may_rate(writer, ticket, at) else None
        match = _RATING.fullmatch(short)
        if match is not None and _is_rating(short, match) and may_rate(writer, ticket, at):
            return Order(Wish.RATE, _score(match[1]), (match[2] or "").strip())
        return None
    first, _end, rest = text.partition("\n")
    if _CLOSE.fullmatch(first.strip()) and any(
        transition.target.is_done for transition in customer_transitions(ticket)
    ):
        return Order(Wish.CLOSE, words=rest.strip())
    return None


def _rating_behind_thanks(text: str) -> Order | None:
    """Handles «Спасибо, 5 баллов!»: thanks followed by a number at the end."""
    thanks = _THANKS_BEFORE.match(text)
    match = _RATING.fullmatch(text, thanks.end()) if thanks is not None else None
    if thanks is None or match is None or match[2]:
        return None
    return Order(Wish.RATE, _score(match[1]), thanks.group().strip(" \n\t,;:)–—-"))


def _score(said: str) -> int:
    numbers = (number for number, ways in enumerate(_SCORES, 1) if re.fullmatch(ways, said, re.IGNORECASE))
    return next(numbers)


def _is_rating(text: str, match: re.Match[str]) -> bool:
    """Return whether a number is a rating: alone in its line or with thanks, and no problem described below.

    «4/5 сотрудников не могут войти», «5 минут назад сломалось» and «5» above «Кабинет 12, принтер стучит» are not.
    """
    line, _end, below = text.partition("\n")
    first = _RATING.fullmatch(line.strip())
    beside = (first[2] or "").strip() if first is not None else (match[2] or "").strip()
    if _TROUBLE.search(match[2] or "") or not _is_about_help(below.strip()):
        return False
    return not beside or (_THANKS.match(beside) is not None and _BUT.search(beside) is None)


def _is_about_help(text: str) -> bool:
    """Return whether text below a number fits a rating. Lines «1», «2», «3» answer three questions."""
    return not text or _THANKS.search(text) is not None or _OPINION.search(text) is not None

"""The final audit of a sweep: the product's database and files, and the outside mail server."""

import hashlib
from collections import Counter
from collections.abc import Iterable

from tests.reliability.house import House
from tests.reliability.outside import MARK, Mail, MoodySink

_MOST_TOLD = 5


def audit(home: House, sink: MoodySink, taken: list[Mail]) -> tuple[list[str], dict[str, object]]:
    """Return broken promises as texts, and figures. The product must be running and idle."""
    figures: dict[str, object] = {}
    problems = [
        *_marks(home, taken, figures),
        *_numbers(home, figures),
        *_mails(home, sink, taken, figures),
        *_files(home, taken, figures),
    ]
    return problems, figures


def _marks(home: House, taken: list[Mail], figures: dict[str, object]) -> list[str]:
    """Check that every mark is in exactly one message and that no other mark is there."""
    rows = home.sql("SELECT text FROM tickets_message")
    occurrences = Counter(mark for (text,) in rows for mark in set(MARK.findall(text)))
    marks = {mail.mark for mail in taken}
    came = home.sql("SELECT transport, count(*) FROM mail_inboundmail GROUP BY transport ORDER BY transport")
    figures["came by"] = ", ".join(f"{count} {transport}" for transport, count in came)
    figures["marks found once"] = sum(occurrences[mark] == 1 for mark in marks)
    figures["marks lost"] = len(marks - set(occurrences))
    figures["marks found more than once"] = sum(occurrences[mark] > 1 for mark in marks)
    kinds = home.sql("SELECT fate, count(*) FROM mail_inboundmail GROUP BY fate ORDER BY fate")
    figures["became"] = ", ".join(f"{count} {fate}" for fate, count in kinds)
    figures["second copies recognised"] = home.sql("SELECT coalesce(sum(copies - 1), 0) FROM mail_inboundmail")[0][0]
    return [
        *_listed("lost", marks - set(occurrences)),
        *_listed("doubled", {mark for mark in occurrences if occurrences[mark] > 1}),
        *_listed("from nowhere", set(occurrences) - marks),
    ]


def _numbers(home: House, figures: dict[str, object]) -> list[str]:
    """Check that ticket numbers have no gaps."""
    numbers = [number for (number,) in home.sql("SELECT number FROM tickets_ticket ORDER BY number")]
    figures["tickets, numbered without gaps"] = len(numbers)
    return [] if numbers == list(range(1, len(numbers) + 1)) else [f"ticket numbers have gaps: {numbers}"]


def _mails(home: House, sink: MoodySink, taken: list[Mail], figures: dict[str, object]) -> list[str]:
    """Check that each new request was acknowledged and each newcomer invited, under one Message-ID each."""
    rows = home.sql("SELECT cause, kind, recipient, message_id, state, ticket_key FROM mail_outboundmail")
    received = Counter(sink.ids())
    newcomers = {mail.sender for mail in taken if not mail.is_reply}
    tickets = home.sql("SELECT t.key, p.email FROM tickets_ticket t JOIN people_person p ON p.id = t.requester_id")
    acknowledged = {(key, recipient) for _, kind, recipient, _, _, key in rows if kind == "accepted"}
    invited = {recipient for _, kind, recipient, _, _, _ in rows if kind == "activation"}
    figures["mails promised"] = len(rows)
    figures["of them that reached the mail server outside"] = sum(received[row[3]] > 0 for row in rows)
    figures["sent again under the same Message-ID"] = sum(count - 1 for count in received.values())
    return [
        *_listed("not acknowledged", {str(pair) for pair in set(tickets) - acknowledged}),
        *_listed("no request of", newcomers - {email for _, email in tickets}),
        *_listed("not invited", newcomers - invited),
        *_listed("promised and not sent", {row[0] for row in rows if row[4] != "sent"}),
        *_listed("did not reach the outside", {row[0] for row in rows if not received[row[3]]}),
        *_listed("two Message-IDs for", _twice(row[0] for row in rows)),
        *_listed("acknowledged twice", _twice(f"{row[5]} {row[2]}" for row in rows if row[1] == "accepted")),
        *_listed("unknown Message-ID outside", set(received) - {row[3] for row in rows}),
    ]


def _files(home: House, taken: list[Mail], figures: dict[str, object]) -> list[str]:
    """Check that every attachment's file exists with the right digest."""
    digests = {digest for (digest,) in home.sql("SELECT digest FROM tickets_attachment")}
    files = home.home / "files"
    broken = set()
    for digest in digests:
        place = files / digest[:2] / digest[2:4] / digest
        if not place.exists() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            broken.add(digest)
    wanted = sum(b"image/png" in mail.raw for mail in taken)
    figures["attachments whole"] = len(digests - broken)
    figures["half-written files left by kills"] = len(list(files.glob("incoming-*")))
    return [
        *_listed("file missing or damaged", broken),
        *([] if len(digests) == wanted else [f"{len(digests)} files are named, {wanted} were sent"]),
    ]


def _twice(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _listed(what: str, names: set[str]) -> list[str]:
    """Return one line for all problems of a kind, so that the report of a bad run stays readable."""
    samples = sorted(names)[:_MOST_TOLD]
    return [f"{len(names)} x {what}: {', '.join(samples)}"] if names else []

"""Split a reply's text into new words and quotations, in linear time (AB-94)."""

from dataclasses import dataclass

from otklik.mail.parse import limits
from otklik.mail.parse.reply import line_rules
from otklik.mail.parse.reply.line_scanner import CUT, KEEP, QUOTE, Scanner


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`reply`: the new text; `quoted`: what was cut, in order; `found`: whether a quotation was recognized."""

    reply: str
    quoted: str
    found: bool


def trim(text: str, *, subject: str = "", unsure: bool = False) -> Trimmed:
    """Split a text into reply and quotation. Linear; beyond 200,000 characters or 10,000 lines nothing is searched.

    Forwarded mails are content. Quoted lines between new ones are cut, answers below them stay. `subject`: tells
    whether the mail is a forward. `unsure`: keep quotations without an introduction.
    """
    lines, rest = split_searchable(text)
    scanner = Scanner(lines, forward=line_rules.is_forward_subject(subject), unsure=unsure)
    marks = scanner.run()
    kept_lines: list[str] = []
    gone: list[str] = []
    for index, mark in enumerate(marks):
        if index in scanner.kept_before:
            kept_lines.append(scanner.kept_before[index])
        if lines[index] != CUT:
            (kept_lines if mark == KEEP else gone).append(lines[index])
    if rest:
        (kept_lines if marks[-1] == KEEP else gone).append(rest)
    return Trimmed(join_trimmed(kept_lines), join_trimmed(gone), QUOTE in marks)


def split_searchable(text: str) -> tuple[list[str], str]:
    """Return the lines to search, and the rest of the text."""
    rest = ""
    if len(text) > limits.REPLY_CHARS:
        end = text.rfind("\n", 0, limits.REPLY_CHARS)
        end = end if end > 0 else limits.REPLY_CHARS
        text, rest = text[:end], text[end:].removeprefix("\n")
    lines = text.split("\n", limits.REPLY_LINES)
    if len(lines) > limits.REPLY_LINES:
        rest = "\n".join(filter(None, (lines.pop(), rest)))
    return lines, rest


def join_trimmed(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def append_blank_line(lines: list[str]) -> None:
    """Append an empty line in place of removed text, unless there is one."""
    if lines and lines[-1].strip():
        lines.append("")


def collapse_blanks(lines: list[str]) -> list[str]:
    """Reduce runs of empty lines to one."""
    out: list[str] = []
    for line in lines:
        if line.strip() or not out or out[-1].strip():
            out.append(line)
    return out

"""A logging formatter that writes each record on one line, whatever a stranger's text contains (AB-64)."""

import logging
import re

# C0 and C1 controls, DEL, and Unicode's line and direction marks: what could start a line, move the cursor or
# turn the reading order around.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Characters of a traceback that are kept, from its end.
_LONGEST_TRACE = 4000
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class OneLine(logging.Formatter):
    """Formatter that writes each record, with its traceback, on one line of printable text.

    Control characters in messages, names and tracebacks become escapes, so that nobody can forge a log line or steer
    the terminal. A traceback follows its message after " | ".
    """

    def format(self, record: logging.LogRecord) -> str:
        text, trace = self._parts(record)
        return escaped(text) if not trace else f"{escaped(text)} | {escaped(trace)}"

    def _parts(self, record: logging.LogRecord) -> tuple[str, str]:
        record.message = record.getMessage()
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        trace = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            trace.append(self.formatStack(record.stack_info))
        return self.formatMessage(record), _end_of("\n".join(trace))


def _end_of(trace: str) -> str:
    """Cut a long traceback from its front: the end says what broke and where."""
    return trace if len(trace) <= _LONGEST_TRACE else f"…{trace[-_LONGEST_TRACE:]}"


def escaped(text: str) -> str:
    """Return the text with control and bidirectional-formatting characters written as backslash escapes."""
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")

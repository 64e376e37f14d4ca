"""Limits on request headers, and on fields that Python and Django parse in quadratic time."""

from typing import TypeVar

Environ = TypeVar("Environ", bound="dict[str, object]")

# What the fields of one request may come to; what is held of a body on its way and of an answer that is not read, too.
MOST_HEAD_BYTES = 128 * 1024
# A boundary has at most 70 letters (RFC 2046 section 5.1.1).
_LONGEST_TYPE = 1_000


def bounded(environ: Environ) -> Environ:
    """The request with a Content-Type only if it is of a sensible length, and cookies without backslashes, which none
    of ours has (CVE-2024-7592): 100 kB of either took minutes of one process."""
    if len(str(environ.get("CONTENT_TYPE", ""))) > _LONGEST_TYPE:
        environ["CONTENT_TYPE"] = ""
    cookies = str(environ.get("HTTP_COOKIE", ""))
    if "\\" in cookies:
        environ["HTTP_COOKIE"] = cookies.replace("\\", "")
    return environ

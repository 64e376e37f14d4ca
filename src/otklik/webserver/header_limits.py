"""Limits on request headers, and on fields that Python and Django parse in quadratic time."""

from typing import TypeVar

Environ = TypeVar("Environ", bound="dict[str, object]")

# The most bytes of a request's header fields; also the server's buffers per connection.
MOST_HEAD_BYTES = 128 * 1024
# A boundary has at most 70 characters (RFC 2046 section 5.1.1).
_LONGEST_TYPE = 1_000


def bound_headers(environ: Environ) -> Environ:
    """Drop a Content-Type that is too long, and backslashes in cookies, which ours never contain (CVE-2024-7592).

    100 kB of either took minutes of CPU time. Returns the environ.
    """
    if len(str(environ.get("CONTENT_TYPE", ""))) > _LONGEST_TYPE:
        environ["CONTENT_TYPE"] = ""
    cookies = str(environ.get("HTTP_COOKIE", ""))
    if "\\" in cookies:
        environ["HTTP_COOKIE"] = cookies.replace("\\", "")
    return environ

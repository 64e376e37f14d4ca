"""Send the response of a WSGI application to the client at the client's speed."""

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Up to this size a response is kept in memory; a longer one goes to a file, which the server reads in chunks.
_IN_MEMORY = 512 * 1024
# Seconds for which an unnamed file stays open, so that the server can open it.
_OPEN_SECONDS = 60.0


@dataclass
class Answer:
    """Status, headers, and one of: bytes, a range of a file on disk, an unnamed open file."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""
    path: str = ""
    part: tuple[int, int] | None = None
    file: IO[bytes] | None = None


def answer_of(application: Application, environ: Environ) -> Answer:
    """Run the application and return its complete response. Blocks, so call it in a thread; raises what it raises."""
    answer = Answer()

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
        answer.status, answer.headers = int(status.split(" ", 1)[0]), list(headers)
        return lambda written: None

    response = application(environ, start)
    try:
        if environ["REQUEST_METHOD"] != "HEAD" and not _named_file(response, answer):
            _read(response, answer)
    finally:
        if hasattr(response, "close"):
            response.close()
    return answer


def send_response(proto: Any, answer: Answer, *, last: bool = False) -> None:
    """Hand the response to the server, which sends it. `last`: close the connection afterwards."""
    headers = [*answer.headers, ("connection", "close")] if last else answer.headers
    if answer.file is not None:
        proto.response_file(answer.status, headers, f"/proc/self/fd/{answer.file.fileno()}")
        asyncio.get_running_loop().call_later(_OPEN_SECONDS, answer.file.close)
    elif answer.part is not None:
        proto.response_file_range(answer.status, headers, answer.path, *answer.part)
    elif answer.path:
        proto.response_file(answer.status, headers, answer.path)
    else:
        proto.response_bytes(answer.status, headers, answer.content)


def words_only(status: int, text: str) -> Answer:
    """Return a plain-text refusal made before Django runs; it closes the connection."""
    body = f"{status} {HTTPStatus(status).phrase}\n\n{text}\n".encode()
    headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("retry-after", "60")]
    return Answer(status, [*headers, ("content-length", str(len(body))), ("connection", "close")], body)


def _named_file(response: Any, answer: Answer) -> bool:
    """Return whether the response is a file on disk or a range of one, and note it in `answer`."""
    if place := getattr(response, "on_disk", None):
        answer.path, answer.part = place
        return True
    stream = getattr(response, "file_to_stream", None)
    if isinstance(stream, io.BufferedReader) and isinstance(stream.name, str) and stream.tell() == 0:
        answer.path = stream.name
        return True
    return False


def _read(response: Iterable[bytes], answer: Answer) -> None:
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  it may live as long as the answer
    for piece in response:
        file.write(piece)
    if file.tell() <= _IN_MEMORY:
        file.seek(0)
        answer.content = file.read()
        file.close()
    else:
        file.flush()
        answer.file = file

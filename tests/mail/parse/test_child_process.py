"""The parser in a child process."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from otklik.mail.parse import parse
from otklik.mail.parse.child_process import ParserChild, UnableToParse, _unpacked

MAIL = "From: Иван <ivan@zavod.example>\r\nSubject: Пресс\r\n\r\nНе включается.".encode()
LONG = b"From: a@a.example\r\n\r\n" + b"<\n" * 16_000_000
# Its lines, its bytes and its pieces stand in memory together.
LARGE = b"From: a@a.example\r\n\r\nbegin 644 a.bin\n" + (b"M" + b"9" * 60 + b"\n") * 540_000 + b"`\nend\n"


@pytest.fixture
def child() -> Iterator[ParserChild]:
    with ParserChild() as one:
        yield one


class Evil:
    """What a compromised child process sends: unpickling it runs code."""

    def __init__(self, how: tuple[object, ...]) -> None:
        self.how = how

    def __reduce__(self) -> tuple[object, ...]:
        return self.how


BUILT = [
    (os.mkdir, ("{}",)),
    (eval, ("__import__('os').mkdir('{}')",)),
    (getattr, (parse, "__globals__")),
    (subprocess.Popen, (["mkdir", "{}"],)),
    (Path, ("{}",)),
]


@pytest.mark.parametrize("call", BUILT, ids=lambda call: str(call[0]))
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_ab_93_the_child_makes_the_worker_build_nothing_but_mails(
    tmp_path: Path, call: tuple[Callable[..., object], tuple[object, ...]], protocol: int
) -> None:
    target = str(tmp_path / "made")
    made, given = call
    filled = tuple(one.replace("{}", target) if isinstance(one, str) else one for one in given)
    if isinstance(filled[0], list):
        filled = ([word.replace("{}", target) for word in filled[0]],)
    with pytest.raises(UnableToParse, match="nonsense"):
        _unpacked(pickle.dumps(Evil((made, filled)), protocol))
    assert not (tmp_path / "made").exists()


def test_every_value_of_a_mail_passes_the_pipe(child: ParserChild) -> None:
    raw = (
        b"DKIM-Signature: d=x.test; h=from:to:subject\r\nAuthentication-Results: mx; none\r\nFrom: a@x.test\r\n"
        b"To: B <b@x.test>\r\nDate: Mon, 02 Nov 2026 12:00:00 +0300\r\nSubject: Undelivered Mail\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nnot delivered\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; c@x.test\r\nAction: failed\r\n"
        b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n"
    )
    read = child.parse(raw)
    assert read == parse(raw) and read.bounce is not None and read.signatures and read.parts and read.date_claim


def test_the_child_reads_what_the_parser_reads(child: ParserChild) -> None:
    assert child.parse(MAIL) == parse(MAIL)
    assert child.parse(b"") == parse(b"")


def test_large_mails_pass_the_pipe(child: ParserChild) -> None:
    raw = b"From: a@a.example\r\nContent-Type: application/pdf\r\n\r\n" + b"x" * 20_000_000
    assert child.parse(raw).parts[0].size == 20_000_000


def test_ab_93_a_mail_that_takes_too_long_costs_only_itself() -> None:
    with ParserChild(seconds=0.2) as child:
        child.parse(MAIL)
        started = time.monotonic()
        with pytest.raises(UnableToParse, match="too long"):
            child.parse(LONG)
        assert time.monotonic() - started < 10
        assert child.parse(MAIL).subject == "Пресс"


def test_rl_10_a_mail_that_needs_too_much_memory_costs_only_itself() -> None:
    with ParserChild(memory_bytes=130 * 1024 * 1024) as child:
        with pytest.raises(UnableToParse, match="memory"):
            child.parse(LARGE)
        assert child.parse(MAIL).subject == "Пресс"


def test_rl_10_a_child_that_dies_is_replaced(child: ParserChild) -> None:
    child.parse(MAIL)
    process = child._process
    assert process is not None
    process.kill()
    process.wait()
    assert child.parse(MAIL).subject == "Пресс"


def test_a_spare_child_takes_the_place_of_one_that_was_ended_and_ends_with_the_reader() -> None:
    with ParserChild(spare=True) as child:
        child.parse(MAIL)
        first, spare = child._process, child._spare
        assert first is not None and spare is not None
        with pytest.raises(UnableToParse) as caught:
            child.parse(LONG, 0.01)
        assert caught.value.too_long and first.returncode is not None
        assert child.parse(MAIL).subject == "Пресс" and child._process is spare
        other = child._spare
        assert other is not None
        other.kill()
        other.wait()
        spare.kill()
        spare.wait()
        assert child.parse(MAIL).subject == "Пресс"
        last = child._spare
    assert last is not None and last.returncode is not None


def test_a_killed_child_is_reported_and_replaced(child: ParserChild) -> None:
    child.parse(MAIL)
    process = child._process
    assert process is not None
    threading.Timer(0.05, process.kill).start()
    with pytest.raises(UnableToParse):
        child.parse(LONG)
    assert child.parse(MAIL).subject == "Пресс"


def test_threads_share_one_child(child: ParserChild) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(child.parse(MAIL).subject)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Пресс"] * 8


def test_closing_ends_the_process() -> None:
    child = ParserChild()
    child.parse(MAIL)
    process = child._process
    assert process is not None
    child.close()
    assert process.returncode is not None
    child.close()


def test_the_child_ends_with_its_starter() -> None:
    code = (
        "from otklik.mail.parse.child_process import ParserChild\n"
        "import os\nc = ParserChild()\nc.parse(b'Subject: x')\nprint(c._process.pid, flush=True)\nos._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    pid = int(done.stdout)
    for _ in range(100):
        if not _runs(pid):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its starter")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_child_does_not_get_our_secrets(child: ParserChild, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SECRET_KEY", "canary")
    child.parse(MAIL)
    assert child._process is not None
    environment = Path(f"/proc/{child._process.pid}/environ").read_bytes()
    assert b"PYTHONPATH" in environment
    assert b"canary" not in environment


def test_the_child_needs_no_django() -> None:
    code = "import sys, otklik.mail.parse.child_process; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

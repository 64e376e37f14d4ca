"""`make test-fast`: the tests that are worth a minute and a half before a commit, instead of a part of each kind.

Whole files: the GUARDS, which read the code as a whole; changed test files; and the tests of changed modules, that is,
the mirrored file and those that import the module. Changed means different from `main`, committed or not.
Of the other files a twelfth, another one each day (tests.today), with a few tests of each, so that what nobody expected
to break is noticed within days, too. Tests with servers, with a browser, and slow ones are left out by their markers.
"""

import re
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.today import DAY

ROOT = Path(__file__).parent.parent
GUARDS = frozenset(
    f"tests/test_{name}.py"
    for name in (
        "bounds", "catalogue", "commands", "connections", "documents", "expressions", "floors", "house",
        "personal_relations", "refusals", "statement_caps", "writers",
    )
)  # fmt: skip
# Files that import a changed module, at most: everything imports core.
MOST_IMPORTING = 25
PARTS, OF_A_FILE = 12, 6


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Do not even import the test files that are not selected."""
    if not collection_path.name.startswith("test_"):
        return None
    name = collection_path.relative_to(ROOT).as_posix()
    return None if name in whole_files() or is_sampled(name) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep OF_A_FILE tests of each sampled file."""
    items[:] = _few_of_sampled(items)


def _few_of_sampled(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    by_file = Counter[str]()
    kept = list[pytest.Item]()
    # Spread over the file, and other ones each time the file's turn comes.
    for item in sorted(items, key=lambda item: _of_today(item.nodeid)):
        name = item.path.relative_to(ROOT).as_posix()
        if name in whole_files() or by_file[name] < OF_A_FILE:
            by_file[name] += 1
            kept.append(item)
    order = {item: place for place, item in enumerate(items)}
    return sorted(kept, key=order.__getitem__)


def is_sampled(name: str) -> bool:
    """Return whether it is the file's turn today. `name`: its path from the root of the repository."""
    return zlib.crc32(name.encode()) % PARTS == DAY % PARTS


@cache
def whole_files() -> frozenset[str]:
    """Return the paths of the test files that run as a whole."""
    return GUARDS | concerned(changed(), {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py")})


def changed() -> list[str]:
    """Return the paths that differ from `main`, those not committed and not yet added included; none without Git."""
    base = _git("merge-base", "HEAD", "main") or ["HEAD"]
    return sorted({*_git("diff", "--name-only", *base), *_git("ls-files", "--others", "--exclude-standard")})


def concerned(paths: Iterable[str], tests: Iterable[str]) -> frozenset[str]:
    """Return those of the test files that changes of these paths concern."""
    tests = set(tests)
    found = {path for path in paths if path in tests and Path(path).name.startswith("test_")}
    importing = list[str]()
    for path in paths:
        module = _module(path)
        if module is None or path in found:
            continue
        found |= {_mirrored(path)} & tests
        package, _dot, name = module.rpartition(".")
        pattern = re.compile(rf"\b{re.escape(module)}\b|\bfrom {re.escape(package)} import [^\n]*\b{name}\b")
        importing += [test for test in sorted(tests) if "/test_" in test and pattern.search(_source(test))]
    return frozenset(found) | frozenset(sorted({*importing} - found, key=_of_today)[:MOST_IMPORTING])


def _of_today(name: str) -> int:
    """A key that sorts names differently each day."""
    return zlib.crc32(f"{name} {DAY}".encode())


def _module(path: str) -> str | None:
    """The dotted name of a Python file, as tests import it."""
    if not path.endswith(".py") or not path.startswith(("src/", "tests/", "tools/")):
        return None
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _mirrored(path: str) -> str:
    folder, _slash, name = path.removeprefix("src/otklik/").rpartition("/")
    return f"tests/{folder}/test_{name}" if folder else f"tests/test_{name}"


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _git(*words: str) -> list[str]:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return []
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []

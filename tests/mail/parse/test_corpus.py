"""The shared benchmark of real mails, if available; our own cases are in `tests/mail/cases`."""

import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[3].parent / "shared" / "mail-corpus"
ADAPTER = """\
import json, sys
from pathlib import Path
from otklik.mail.parse.parsed_json import parse_directory
for one in parse_directory(Path(sys.argv[1])):
    print(json.dumps(one))
"""


@pytest.fixture
def scorer(tmp_path: Path) -> list[str]:
    if not (CORPUS / "score_mail.py").exists():
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn("THE MAIL CORPUS IS NOT HERE: real mails are not checked", stacklevel=1)
        pytest.skip("THE MAIL CORPUS IS NOT HERE (../shared/mail-corpus): real mails are not checked")
    adapter = tmp_path / "adapter.py"
    adapter.write_text(ADAPTER)
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(adapter))}"
    return [sys.executable, str(CORPUS / "score_mail.py"), "--batch", "--fails", "0", command]


def _numbers(output: str, pattern: str) -> tuple[int, int]:
    found = re.search(pattern, output)
    assert found, output[-2000:]
    return int(found.group(1)), int(found.group(2))


@pytest.mark.slow
def test_the_corpus_is_read_well(scorer: list[str]) -> None:
    output = subprocess.run(scorer, capture_output=True, text=True, check=True, errors="replace").stdout
    assert output.rstrip().endswith(", 0 crashes")
    right, mails = _numbers(output, r"mails with every check passed: (\d+)/(\d+)")
    assert right >= 0.97 * mails
    right, checks = _numbers(output, r"\n\s+source\s+(\d+)/(\d+)")
    assert right >= 0.99 * checks

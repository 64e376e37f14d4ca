"""RL-01 to RL-04: random kills while mail arrives. The long form is `make sweep`."""

import shutil
from pathlib import Path

import pytest

from tests.reliability.sweep import Sweep, sweep


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rl_04_whatever_is_killed_every_mail_is_there_once(tmp_path: Path, ready_made: Path) -> None:
    outcome = sweep(Sweep(mails=40, seconds=10, seed=4), tmp_path, ready_made)
    assert not outcome.wrong, (outcome.wrong, outcome.figures)
    shutil.rmtree(tmp_path / "home")

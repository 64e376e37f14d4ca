"""`otklik mailbox dkim`, and doctor's findings about the keys."""

from pathlib import Path

import pytest
from django.utils import timezone

from otklik.cli.dkim import findings
from otklik.mail.dkim_sign import all_signers, make_key, record_of
from tests.cli.forked import otklik


@pytest.mark.services
def test_a_key_is_made_and_its_record_printed(started: Path) -> None:
    done = otklik(started, "mailbox", "dkim", "help@desk.example", "--selector", "k1", "--algorithm", "ed25519")
    assert done.returncode == 0, done.stderr
    assert 'k1._domainkey.desk.example. IN TXT ( "v=DKIM1; k=ed25519; p=' in done.stdout
    assert "PRIVATE" not in done.stdout
    again = otklik(started, "mailbox", "dkim", "desk.example", "--selector", "k1")
    assert again.returncode == 1 and "already" in again.stderr


def test_doctor_says_what_to_publish_and_whether_it_is_there(db: None) -> None:
    assert "no key" in next(findings(ask=False)).seen
    make_key(domain="desk.example", selector="k1", algorithm="rsa", at=timezone.now())
    _name, value = record_of(all_signers()[0])
    half = len(value) // 2
    split = f"{value[:half]} {value[half:]}".encode()
    missing, wrong, there = (
        next(findings(ask=True, lookup=lambda name, given=given: given)) for given in (None, b"v=DKIM1; p=AAAA", split)
    )
    assert "not in the DNS" in missing.seen and value in missing.remedy
    assert "another key" in wrong.seen and wrong.remedy
    assert "is published" in there.seen and not there.remedy

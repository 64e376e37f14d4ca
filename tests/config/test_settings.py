"""Every setting with invalid values: one sentence that names the setting and what is expected."""

import os
import runpy
from pathlib import Path

import pytest

from otklik.config import settings as module
from otklik.core.env import BadSetting

SETTINGS = str(module.__file__)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
# Any text will do for these, or they are read elsewhere.
FREE = {
    "OTKLIK_HOME", "OTKLIK_SITE_NAME", "OTKLIK_SECRET_KEY", "OTKLIK_OIDC_NAME", "OTKLIK_OIDC_CLIENT_ID",
    "OTKLIK_OIDC_CLIENT_SECRET", "OTKLIK_IMAP_PASSWORD", "OTKLIK_TRACEBACK", "OTKLIK_FAULT",
}  # fmt: skip
NUMBERS = ("many", "-1", "1.5", "9" * 30, "9" * 5000, "1e3")
ADDRESSES = (
    "desk",
    "ftp://desk.test",
    "https://",
    "https://a b",
    "https://[::1",
    "https://desk.test:99999",
    "http://:80",
)
GARBAGE: dict[str, tuple[str, ...]] = {
    "OTKLIK_TIME_ZONE": ("Moscow", "Europe/Moskau", "../../etc/passwd", "/etc/passwd", "Europe", "UTC+3", "a b", "тут"),
    "OTKLIK_LOG_LEVEL": ("LOUD", "info", "10"),
    "OTKLIK_LANGUAGE": ("de", "RU", "../ru"),
    "OTKLIK_PUBLIC_URL": (*ADDRESSES, "https://desk.test/otklik", "https://user@desk.test", "https://desk.test?x=1"),
    "OTKLIK_OIDC_ISSUER": ADDRESSES,
    "OTKLIK_OIDC_DOMAINS": ("a b", "a.test,@b.test", "https://a.test"),
    "OTKLIK_OUTGOING": ("desk", "http://desk.test", "smtp://", "smtp://h:99999", "smtp://h?tls=never", "smtp://h?x=1"),
    "OTKLIK_TRUSTED_AUTHSERV": ("mx1 mx2", "mx;1", "тут"),
    "OTKLIK_DEFAULT_MAILBOX": ("desk", "@desk.test", "desk@", "Desk <desk@desk.test>", "a@b.test, c@d.test"),
    "OTKLIK_DNS": ("resolver", "1.2.3", "8.8.8.8:99999", "8.8.8.8:0", "8.8.8.8:x", "8.8.8.8,1.1.1.1"),
    "OTKLIK_DEMO_SMTP": ("desk", "desk:0", "desk:99999", "a b:25", ":25"),
    "OTKLIK_TRUSTED_RELAYS": ("mail.test", "10.0.0.5/8", "10.0.0"),
    "OTKLIK_DKIM_DOMAIN": ("a b", "@a.test", "https://a.test"),
    "OTKLIK_DKIM_SELECTOR": ("a b", "a/b"),
    "OTKLIK_DKIM_KEY": ("no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
    "OTKLIK_REQUIRE_2FA": ("yes", "everybody"),
    "OTKLIK_METRICS_TOKEN": ("short",),
    "OTKLIK_BREACHED_PASSWORDS": ("/nowhere/list", "/tmp"),
    "OTKLIK_ERASED_LIST": ("/tmp",),
    "OTKLIK_NO_PASSWORD_LOGIN": ("maybe", "2", "1"),
    "DATABASE_URL": ("mysql://h/x", "postgresql://h", "postgresql://h/x?nonsense=1"),
    "DATABASE_DIRECT_URL": ("mysql://h/x", "postgresql://h/x"),
    **dict.fromkeys(("OTKLIK_DEMO", "OTKLIK_DKIM_CHECK", "OTKLIK_VERP", "OTKLIK_NO_SSL_REDIRECT"), ("maybe", "2")),
    **dict.fromkeys(
        (
            "OTKLIK_KEEP_MACHINE_MAIL", "OTKLIK_KEEP_ORIGINALS", "OTKLIK_KEEP_SENT", "OTKLIK_KEEP_DRAFTS",
            "OTKLIK_TRUSTED_PROXIES", "OTKLIK_MAIL_SIZE_LIMIT", "OTKLIK_BUDGET_ADDRESS_HOUR",
            "OTKLIK_BUDGET_ADDRESS_DAY",
            "OTKLIK_BUDGET_DOMAIN_HOUR", "OTKLIK_BUDGET_CUSTOMER_HOUR", "OTKLIK_BUDGET_CUSTOMER_DAY",
            "OTKLIK_BUDGET_SITE_HOUR", "OTKLIK_HOLD_SECONDS", "OTKLIK_LOOP_HOPS",
            "OTKLIK_LOOP_MAILS", "OTKLIK_LATE_PER_MINUTE", "OTKLIK_DELAYED_HOURS", "OTKLIK_PASSWORD_LENGTH",
            "OTKLIK_STAFF_IDLE_MINUTES", "OTKLIK_STAFF_SESSION_HOURS", "OTKLIK_IDLE_DAYS", "OTKLIK_SESSION_DAYS",
            "OTKLIK_HSTS_SECONDS", "OTKLIK_ATTACHMENT_SIZE_LIMIT",
        ),
        NUMBERS,
    ),
}  # fmt: skip
_WITH = {"OTKLIK_DKIM_KEY": {"OTKLIK_DKIM_SELECTOR": "s", "OTKLIK_DKIM_DOMAIN": "d.test"}}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("OTKLIK_", "DATABASE_")) and name != "OTKLIK_TEST_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, found in GARBAGE.items() for value in found])
def test_a_value_that_cannot_be_used_is_said_in_one_sentence(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other, its_value in _WITH.get(name, {}).items():
        monkeypatch.setenv(other, its_value)
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refusal:
        runpy.run_path(SETTINGS)
    said = str(refusal.value)
    assert name in said
    assert "\n" not in said
    assert len(said) < 300


def test_the_defaults_and_usual_values_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    runpy.run_path(SETTINGS)
    for name, value in (
        ("OTKLIK_PUBLIC_URL", "https://desk.example.org:8443/"),
        ("OTKLIK_TIME_ZONE", "Asia/Vladivostok"),
        ("OTKLIK_OIDC_ISSUER", "https://login.example.org/realms/one/"),
        ("OTKLIK_OIDC_CLIENT_ID", "desk"),
        ("OTKLIK_OIDC_DOMAINS", "Clinic.test, other.test"),
        ("OTKLIK_DNS", "8.8.8.8 [::1]:5353"),
        ("OTKLIK_TRUSTED_AUTHSERV", "mx.example.org"),
        ("OTKLIK_DEFAULT_MAILBOX", "desk@почта.рф"),
        ("OTKLIK_DEMO_SMTP", "[::1]:2525"),
    ):
        monkeypatch.setenv(name, value)
    found = runpy.run_path(SETTINGS)
    assert found["PUBLIC_URL"] == "https://desk.example.org:8443"
    assert found["OIDC_ISSUER"] == "https://login.example.org/realms/one"
    assert found["OIDC_DOMAINS"] == ["clinic.test", "other.test"]
    assert found["ALLOWED_HOSTS"] == ["desk.example.org"]


def test_a_file_that_holds_no_text_and_a_value_in_another_encoding_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for value in (str(tmp_path / "binary"), str(tmp_path / "missing"), str(tmp_path)):
        monkeypatch.setenv("OTKLIK_SECRET_KEY_FILE", value)
        with pytest.raises(BadSetting, match="OTKLIK_SECRET_KEY_FILE"):
            runpy.run_path(SETTINGS)
    monkeypatch.delenv("OTKLIK_SECRET_KEY_FILE")
    monkeypatch.setenv("OTKLIK_SITE_NAME", "\udcff")
    with pytest.raises(BadSetting, match="OTKLIK_SITE_NAME is no text"):
        runpy.run_path(SETTINGS)


def test_every_documented_setting_is_tried_here_or_takes_any_text() -> None:
    rows = [line.split("|")[1] for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    documented = {name.strip(" `") for row in rows for name in row.split(",")}
    assert documented - FREE == set(GARBAGE)

"""Which modules open network connections, and that none renders pages on the server (AB-78, AB-79).

A new module that opens connections must be added here with the reason why strangers cannot choose the target.
"""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "otklik"
NETWORK = {"aiohttp", "ftplib", "http.client", "httpx", "imapclient", "imaplib", "nntplib", "poplib", "requests"}
NETWORK |= {"smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client"}
RENDERERS = {"cairosvg", "pdfkit", "playwright", "pypandoc", "reportlab", "selenium", "weasyprint", "xhtml2pdf"}
SPEAKS = {
    "cli/bench/mails.py": "the benchmark, to the product it started",
    "cli/bench/pages.py": "the benchmark, to the product it started",
    "cli/doctor_checks.py": "otklik doctor, where the administrator's settings point",
    "cli/probes.py": "otklik up, to its own parts",
    "demo/send_mail.py": "the demo post office, to OTKLIK_DEMO_SMTP",
    "core/embedded_postgres.py": "the database's own socket",
    "mail/imap/errors.py": "only the names of errors",
    "mail/imap/connection.py": "mailboxes that the administrator added",
    "mail/imap/oauth.py": "the token server that the administrator named with the mailbox",
    "mail/smtp_connection.py": "OTKLIK_OUTGOING",
    "portal/views/sso.py": "only the names of errors; allauth speaks to the provider in the settings",
}


def imports() -> dict[str, set[str]]:
    """Return the modules that each file of the product imports, at any depth."""
    found: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
        found[str(file.relative_to(SOURCE))] = names
    return found


def test_ab_79_only_these_modules_speak_to_other_machines_where_settings_point() -> None:
    speaking = {name for name, modules in imports().items() if modules & NETWORK}
    assert speaking == set(SPEAKS)


def test_ab_78_nothing_renders_pages_or_documents_on_the_server() -> None:
    for name, modules in imports().items():
        assert not {module.partition(".")[0] for module in modules} & RENDERERS, name

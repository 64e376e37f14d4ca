"""Only commands write tickets' tables, and mail is sent only through the outbox; read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from otklik.tickets import models as tickets

SOURCE = Path(__file__).parents[1] / "src" / "otklik"
WRITES = {
    "create", "save", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "update_rows", "lock", "lock_all",
}  # fmt: skip
MODELS = {name for name in tickets.__all__ if name[0].isupper() and not name.isupper()}
# Besides tickets/commands and migrations. What each of them writes no command could: see the file.
ALSO = {
    "privacy/erase.py": "a command of its own room: what became of a person's requests",
    "privacy/redaction.py": "takes a person out of words; the one caller is privacy.erase",
    "tickets/new_files.py": "notes that a file was searched for links, and what it is without them",
    "tickets/bulk/reply_and_share.py": "locks the reply that the command for taking it back is handed",
    "tickets/read_marks.py": "what somebody has read is no change of the ticket",
    "intake/commands/rollback.py": "takes back what an import made",
    "cli/bench/seed.py": "a bench's own database",
    "cli/bench/bulk.py": "the same: removes what it has measured",
    "cli/bench/waits.py": "the same: what waits while pages are measured",
    "demo/clinic_desk.py": "the demo's numbers begin later",
}
MAIL_SENDERS = {"otklik.mail.smtp_connection", "smtplib"}
# The outbox itself; whoever asks the server without sending; programs that play a customer.
SENDING = {
    "mail/smtp_connection.py", "mail/deliver.py", "mail/delivery_lanes.py", "mail/outcomes.py", "mail/domain_holds.py",
    "cli/doctor_mail.py", "cli/bench/mails.py", "demo/send_mail.py",
}  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Return the full names of what a module imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return names


def root(node: ast.expr) -> str:
    """Return the name at the start of a chain of attributes and calls."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def written(tree: ast.Module) -> set[str]:
    """Return the ticket models named in a writing call: `Ticket.objects….update(`, `lock(Ticket, …)`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            found.add(root(node.func.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITES:
            found |= {root(one) for one in node.args}
    return found & MODELS


def test_only_commands_write_what_tickets_are_made_of() -> None:
    writers = {
        name
        for name, tree in modules()
        if not name.startswith("tickets/commands/") and "/migrations/" not in name
        if any(one.startswith("otklik.tickets.models") for one in imported(tree)) and written(tree)
    }
    assert writers == ALSO.keys(), sorted(writers ^ ALSO.keys())


def test_the_test_sees_who_writes() -> None:
    for code in ("Ticket.objects.filter(pk=1).update(subject='')", "lock(Message, 1)", "Change(pk=1).save()"):
        assert written(ast.parse(code)), code
    assert not written(ast.parse("Ticket.objects.filter(pk=1).exists()"))


def test_mail_leaves_by_the_outbox_alone() -> None:
    senders = {name for name, tree in modules() if imported(tree) & MAIL_SENDERS}
    assert senders <= SENDING, sorted(senders - SENDING)

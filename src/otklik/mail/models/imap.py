"""IMAP accounts and folders that mail is fetched from."""

from django.db import models

from otklik.mail.models.mail_import import MailImport
from otklik.mail.models.mailbox import Mailbox


class ImapAccount(models.Model):
    """A folder on an IMAP server, fetched for one of our addresses.

    What was taken is recorded by a high-water mark, not by \\Seen: `last_uid` under `uidvalidity` (RFC 3501 2.3.1.1).
    """

    class Security(models.TextChoices):
        TLS = "tls"
        STARTTLS = "starttls"
        # In clear, only inside this machine (AB-99).
        NONE = "none"

    class Auth(models.TextChoices):
        PASSWORD = "password"  # noqa: S105  a way to log in, not a password
        XOAUTH2 = "xoauth2"

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="imap_accounts")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=320)
    auth = models.CharField(max_length=10, choices=Auth.choices, default=Auth.PASSWORD)
    # Sealed by core.encryption: {"password"} or {"token_url", "client_id", "client_secret", "refresh_token", "scope"}.
    secret = models.TextField()
    folder = models.CharField(max_length=500, default="INBOX")
    # What is done to a mail on the server once it is stored: leave, seen, move:FOLDER.
    after = models.CharField(max_length=510, default="leave")
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # A running fetcher starts again with an account that was changed.
    changed_at = models.DateTimeField()

    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    # Mail below this UID is old: an import, or a rescan under a new UIDVALIDITY. Of it, what came before `start_from`
    # is left alone, and what came before `import_before` (all, when that is unknown) is taken without being answered.
    import_below = models.BigIntegerField(default=0)
    start_from = models.DateTimeField(null=True)
    import_before = models.DateTimeField(null=True)

    # The import that is under way, or was the last one.
    current_import = models.ForeignKey(MailImport, on_delete=models.SET_NULL, null=True, related_name="+")

    offered = models.BigIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    # A mail that the server does not give out is tried some times before only its beginning is taken.
    stuck_uid = models.BigIntegerField(default=0)
    stuck_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "host", "username", "folder"], name="imap_folder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.username} at {self.host}:{self.port}/{self.folder}"

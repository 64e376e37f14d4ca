"""Mailboxes elsewhere, fetched by IMAP (docs/mail-imap.md)."""

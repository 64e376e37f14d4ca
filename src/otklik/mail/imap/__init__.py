"""Fetching mail from other servers by IMAP (docs/mail-imap.md)."""

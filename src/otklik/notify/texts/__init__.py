"""The words of our mails: a table of kinds, a small grammar of placeholders, and what makes mails of them.

A desk's people may write these words (docs/mail.md). They are data: nothing in them is ever run, and the values that
come into them are escaped and never read as words of the grammar again (AB-84).
"""

"""Texts of mails: the kinds, the grammar of placeholders, and rendering.

A desk's people may write these words (docs/mail.md). They are data: nothing in them is ever run, and the values that
come into them are escaped and never read as words of the grammar again (AB-84).
"""

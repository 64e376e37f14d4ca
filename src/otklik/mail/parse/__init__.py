"""The mail parser: bytes in, one frozen value out. No database, no Django, no network.

The structure is read by `mime`, the text by `body`, the new words by `reply`; `child` does all of it in a
process of its own.
"""

from otklik.mail.parse.model import Address, Bounce, FailedRecipient, FromResult, ParsedMail, Part, Signature
from otklik.mail.parse.parse_mail import parse

__all__ = ["Address", "Bounce", "FailedRecipient", "FromResult", "ParsedMail", "Part", "Signature", "parse"]

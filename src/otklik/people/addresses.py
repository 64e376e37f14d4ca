"""The canonical form of mail addresses (security case AB-16)."""

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from otklik.core.errors import UnableTo
from otklik.people.refusals import PersonRefusal

# Companies have internal mail on domains such as corp.local; clearing this set is the documented way to allow them.
SPECIAL_USE_DOMAIN_NAMES.clear()


class BadAddress(UnableTo):
    """The text is not a single mail address. `str()` quotes it; pages show it beside the error anyway."""

    def __str__(self) -> str:
        return f"«{self.values['text']}»: {self.values['why']}"


def canonical(address: str) -> str:
    """The form in which an address is stored and compared.

    The domain becomes lower-case A-labels (IDNA 2008). An ASCII local part is lower-cased; any other is left as it is,
    so that a look-alike never equals an ASCII account. Raises BadAddress. Makes no network request.
    """
    text = address.strip()
    try:
        parts = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=True,
            allow_quoted_local=False,
            globally_deliverable=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise BadAddress(PersonRefusal.BAD_ADDRESS, text=text[:120], why=error) from error
    return f"{_local(text)}@{_domain(parts.domain)}"


def _local(address: str) -> str:
    local = address.rpartition("@")[0]
    return local.lower() if local.isascii() else local


def _domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    return idna.encode(domain, uts46=True).decode("ascii").lower()

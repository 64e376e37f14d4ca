"""Which part of a domain one organisation registered."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(address: str) -> str:
    """Of an address or a domain: mail.clinic.co.uk -> clinic.co.uk. In lower case; the whole domain where unknown."""
    domain = address.rpartition("@")[2].lower()
    return str(_suffixes().privatesuffix(domain) or domain)[:255]


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

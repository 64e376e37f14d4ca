"""What stands behind an address: the organisation that registered its domain, and the mailbox."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(address: str) -> str:
    """Of an address or a domain: mail.clinic.co.uk -> clinic.co.uk. In lower case; the whole domain where unknown."""
    domain = address.rpartition("@")[2].lower()
    return str(_suffixes().privatesuffix(domain) or domain)[:255]


def box_of(address: str) -> str:
    """The address without a "+detail" and in lower case: one mailbox, however it is spelt (AB-22)."""
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}".lower()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

"""The registered (organisational) domain of an address, and the mailbox behind provider-specific spellings of it."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(address: str) -> str:
    """Return the registrable domain of an address or domain, lower-cased: mail.clinic.co.uk -> clinic.co.uk.

    The whole domain if the public suffix list does not know it.
    """
    domain = address.rpartition("@")[2].lower()
    return str(_suffixes().privatesuffix(domain) or domain)[:255]


# Providers that document several spellings per mailbox: equivalent domains (the first is canonical), and characters in
# the local part that are ignored or equivalent.
_GOOGLE = ("gmail.com", "googlemail.com"), str.maketrans("", "", ".")
_YANDEX = (
    ("yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "yandex.uz", "narod.ru"),
    str.maketrans("-", "."),
)
_PROTON = ("proton.me", "protonmail.com", "pm.me"), str.maketrans("", "", ".-_")
_APPLE = ("icloud.com", "me.com", "mac.com"), str.maketrans("", "")
_SPELT = {domain: provider for provider in (_GOOGLE, _YANDEX, _PROTON, _APPLE) for domain in provider[0]}


def box_of(address: str) -> str:
    """Return the canonical mailbox of an address: lower-cased, without "+detail" and the provider's equivalent
    spellings (AB-22)."""
    local, _at, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _SPELT:
        domains, signs = _SPELT[domain]
        return f"{local.translate(signs) or local}@{domains[0]}"
    return f"{local}@{domain}"


def domains_of_box(box: str) -> tuple[str, ...]:
    """Return the domains under which the mailbox (`box_of`) can be addressed."""
    domain = box.rpartition("@")[2]
    return _SPELT[domain][0] if domain in _SPELT else (domain,)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

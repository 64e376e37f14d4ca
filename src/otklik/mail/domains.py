"""The registered (organisational) domain of an address, and the mailbox behind provider-specific spellings of it."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(address: str) -> str:
    """Of an address or a domain: mail.clinic.co.uk -> clinic.co.uk. In lower case; the whole domain where unknown."""
    domain = address.rpartition("@")[2].lower()
    return str(_suffixes().privatesuffix(domain) or domain)[:255]


# Providers whose every mailbox has several spellings, as they say themselves: domains that are one (the first stands
# for all), signs in a name that say nothing, and signs that are one.
_GOOGLE = ("gmail.com", "googlemail.com"), str.maketrans("", "", ".")
_YANDEX = (
    ("yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "yandex.uz", "narod.ru"),
    str.maketrans("-", "."),
)
_PROTON = ("proton.me", "protonmail.com", "pm.me"), str.maketrans("", "", ".-_")
_APPLE = ("icloud.com", "me.com", "mac.com"), str.maketrans("", "")
_SPELT = {domain: provider for provider in (_GOOGLE, _YANDEX, _PROTON, _APPLE) for domain in provider[0]}


def box_of(address: str) -> str:
    """The address without a "+detail" and in lower case, and without what its provider makes nothing of: one mailbox,
    however it is spelt (AB-22)."""
    local, _at, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _SPELT:
        domains, signs = _SPELT[domain]
        return f"{local.translate(signs) or local}@{domains[0]}"
    return f"{local}@{domain}"


def domains_of_box(box: str) -> tuple[str, ...]:
    """The domains in which the mailbox (`box_of`) may be spelt."""
    domain = box.rpartition("@")[2]
    return _SPELT[domain][0] if domain in _SPELT else (domain,)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

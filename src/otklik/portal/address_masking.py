"""Mask mail addresses on pages that are opened by a link without login."""


def masked(address: str | None) -> str:
    """a…@clinic.test: enough for its owner, and no gift for who got the mail forwarded."""
    local, _at, domain = (address or "").rpartition("@")
    return f"{local[:1]}…@{domain}" if local else ""

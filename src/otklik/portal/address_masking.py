"""Mask mail addresses on pages that are opened by a link without login."""


def masked(address: str | None) -> str:
    """Return the address as a…@clinic.test: recognizable for its owner only."""
    local, _at, domain = (address or "").rpartition("@")
    return f"{local[:1]}…@{domain}" if local else ""

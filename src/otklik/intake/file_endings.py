"""How the name of a file that has none ends, by its content type."""

from mimetypes import MimeTypes

_KNOWN = MimeTypes()  # Python's built-in table, the same on every machine
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
# What Python 3.11 does not know, and mail brings.
_MORE = {
    "application/csv": ".csv",
    "application/epub+zip": ".epub",
    "application/gzip": ".gz",
    "application/ogg": ".ogg",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/rtf": ".rtf",
    "application/vnd.ms-outlook": ".msg",
    "application/vnd.ms-xpsdocument": ".xps",
    "application/vnd.rar": ".rar",
    "application/vnd.visio": ".vsd",
    "application/x-7z-compressed": ".7z",
    "application/x-gzip": ".gz",
    "application/x-pdf": ".pdf",
    "application/x-pkcs7-signature": ".p7s",
    "application/x-rar": ".rar",
    "application/x-rar-compressed": ".rar",
    "application/x-zip-compressed": ".zip",
    "application/xhtml+xml": ".xhtml",
    "audio/amr": ".amr",
    "audio/flac": ".flac",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/wave": ".wav",
    "audio/webm": ".webm",
    "audio/x-m4a": ".m4a",
    "image/jp2": ".jp2",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/tif": ".tif",
    "image/vnd.djvu": ".djvu",
    "image/webp": ".webp",
    "image/x-icon": ".ico",
    "image/x-ms-bmp": ".bmp",
    "message/delivery-status": ".txt",
    "text/markdown": ".md",
    "text/rfc822-headers": ".txt",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "video/3gpp": ".3gp",
    "video/ogg": ".ogv",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OPEN}.presentation": ".odp",
    f"{_OPEN}.spreadsheet": ".ods",
    f"{_OPEN}.text": ".odt",
}


def ending(content_type: str) -> str:
    """Return the ending with its dot; "" if the type has none."""
    return _MORE.get(content_type) or _KNOWN.guess_extension(content_type) or ""

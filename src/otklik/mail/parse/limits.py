"""Limits of the mail parser, in one place.

They keep a hostile mail from costing more than a friendly one. Going over a limit never loses the mail: the
raw
bytes stay, the parsed form says in `defects` or `truncated` what was left out.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

RAW_BYTES: Final = 35 * MIB
"""What the parser reads of one mail; intake refuses more before it comes here."""

HEADER_BYTES: Final = 256 * KIB
"""All header lines of one entity (the mail, or one MIME part)."""

HEADER_VALUE_BYTES: Final = 64 * KIB
"""One header field."""

HEADER_COUNT: Final = 1_000
"""Header fields of one entity."""

HEADER_LINE_SEARCH: Final = 400
"""Stray lines without a colon that a header block may hold before we stop looking for its end."""

ADDRESSES: Final = 200
"""Addresses taken from one header."""

PARAMETERS: Final = 200
"""Parameters read of one Content-Type or Content-Disposition."""

MIME_DEPTH: Final = 50
"""Multiparts inside multiparts; deeper ones stay as one opaque attachment."""

MIME_PARTS: Final = 1_000
"""Parts of one mail, containers included."""

ATTACHMENTS: Final = 200
"""Attachments listed; the rest stays in the raw mail."""

BOUNDARY_CHARS: Final = 2_048
"""RFC 2046 allows 70; real software goes beyond, hostile software far beyond."""

HTML_CHARS: Final = 1 * MIB
"""An HTML body over this is neither shown nor searched for quotes."""

HTML_DEPTH: Final = 200
"""Open tags inside one another; sanitisers grow with the square of it."""

HTML_ELEMENTS: Final = 20_000
"""Tags in one HTML body."""

HTML_ATTRIBUTES: Final = 5_000
"""Attributes of one tag; of several as many as are read in the same time, which grows with their square."""

HTML_OPTIONS: Final = 3_000
"""Options of the lists of one HTML body, for the same reason."""

TEXT_CHARS: Final = 512 * KIB
"""Readable text kept as a column; the rest stays in the raw mail."""

REPLY_CHARS: Final = 200_000
"""Text that is searched for quotations; what follows is kept unsearched."""

REPLY_LINES: Final = 10_000
"""As above, counted in lines."""

LINE_CHARS: Final = 2_000
"""A line longer than this is never looked at as a quote header."""

HEADER_CHECKS: Final = 1_500
"""Lines of one mail that are looked at as quote headers."""

SUBJECT_CHARS: Final = 300
NAME_CHARS: Final = 250
"""Display names of people."""

FILE_NAME_CHARS: Final = 150
FULL_FILE_NAME_CHARS: Final = 1_000

MESSAGE_ID_CHARS: Final = 998
REFERENCES: Final = 20
LOCAL_PART: Final = 64
DOMAIN: Final = 255

TNEF_BYTES: Final = 35 * MIB
TNEF_FILES: Final = 200

SNIFF_BYTES: Final = 64 * KIB
"""How much of a body is looked at when its charset must be guessed."""

HEADS_BYTES: Final = 1 * MIB
"""Header lines of all entities of one mail; beyond, each entity has `HEAD_BYTES_AT_LEAST`."""

HEAD_BYTES_AT_LEAST: Final = 2 * KIB

NAME_BYTES: Final = 8 * KIB
"""What is looked at of one file name, Content-ID or the like; far more than is kept of it."""

ALL_PARTS: Final = 3 * MIME_PARTS
"""Parts of one mail and of all mails inside it that are opened."""

SEARCHED_BYTES: Final = 20 * RAW_BYTES
"""Bytes searched for boundaries; each level of the nesting searches its own again."""

NEAR_MISSES: Final = 100_000
"""Lines that begin like a boundary and are none."""

GUESSED_BOUNDARIES: Final = 20

SNIFFED_BYTES: Final = 128 * KIB
"""Bytes outside ASCII that are weighed to find the charsets of all texts of one mail."""

WEIGHED_BYTES: Final = 8 * KIB
"""The same, of one text: far more than it takes to know a language."""

GUESSED_BYTES: Final = 80 * KIB
"""Bytes of texts whose charset is guessed among all there are, which is the dearest; each counts as 512 at least."""

TEXT_PIECES: Final = 120_000
"""Words and lines that are read one by one, in texts some of whose pieces are in another charset."""

TEXT_BYTES: Final = 2 * MIB + 4 * KIB
"""What is decoded of one text: more than is kept, in any charset but UTF-7."""

TEXTS_BYTES: Final = 2 * TEXT_BYTES
"""The same, of all texts of one mail."""

OPENED: Final = 10
"""Containers, signatures and mails inside a mail that are opened."""

UUENCODED_LINES: Final = 700_000

SECRETS_BYTES: Final = 2 * MIB
"""Text that is searched for links and codes of ours when a mail comes in, what stands around words of ours first."""

BLANKED_BYTES: Final = 4 * MIB
"""Text in which links of ours are looked for in depth when a mail or a file is shown."""

UNPACKED_BYTES: Final = 8 * MIB
"""What comes out of archives and compressed files in one mail when they are searched for links of ours."""

QUOTE_DEPTH: Final = 30
"""Marks of quotation before one line of HTML that is read as text."""

LINK_CHARS: Final = 1_000
"""Words of one link that are compared with its address."""

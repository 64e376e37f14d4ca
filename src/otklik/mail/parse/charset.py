"""Decode bytes to text: an allow-list of charsets, and detection where the label is missing or wrong.

Never uses codecs that are not charsets (punycode, idna, unicode_escape, rot13, base64): some are quadratic,
some run for
ever, some raise (AB-93). UTF-7 is read where it is named, by old Exchange servers in their reports: it is
linear, and what it
could smuggle past a filter is sanitised after decoding here, never before.
"""

import codecs
import contextlib
import encodings
import pkgutil
import re
from encodings.aliases import aliases
from functools import lru_cache

from charset_normalizer import from_bytes

from otklik.mail.parse import budget, chinese, cyrillic, iso_2022_jp, limits, mixed_charsets, mojibake, utf16_utf32

_ALLOWED = re.compile(
    r"utf_8|ascii|latin_1|iso8859_\d+|cp(125[0-8]|866|850|852|855|857|858|437|737|775|86[0-9]|874|932|949|950|1006)"
    r"|koi8_[rut]|mac_(cyrillic|roman|latin2|greek|turkish|iceland|ukraine)|kz1048|ptcp154|gb2312|gbk|gb18030|hz|big5(hkscs)?"
    r"|euc_(jp|kr|jis_2004|jisx0213)|iso2022_(jp(_[123]|_2004|_ext)?|kr)|shift_jis(_2004|x0213)?|johab|tis_620"
    r"|utf_16(_[lb]e)?|utf_32(_[lb]e)?"
)
_ALIASES = {
    "cp-1251": "cp1251",
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "windows_1251": "cp1251",
    "x-cp1251": "cp1251",
    "ansi-1251": "cp1251",
    "ms-cyrl": "cp1251",
    "windows-cyrillic": "cp1251",
    "cyrillic-windows": "cp1251",
    "win": "cp1251",
    "1251": "cp1251",
    "w1251": "cp1251",
    "koi8r": "koi8_r",
    "koi-8-r": "koi8_r",
    "koi8": "koi8_r",
    "koi-8": "koi8_r",
    "koi": "koi8_r",
    "koi8-ru": "koi8_u",
    "koi8u": "koi8_u",
    "x-mac-cyrillic": "mac_cyrillic",
    "maccyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "mac": "mac_roman",
    "dos-866": "cp866",
    "cp-866": "cp866",
    "dos866": "cp866",
    "866": "cp866",
    "oem866": "cp866",
    "x-cp866": "cp866",
    "alt": "cp866",
    "iso8859-5": "iso8859_5",
    "iso_8859-5": "iso8859_5",
    "unicode": "utf_8",
    "utf": "utf_8",
    "utf8mb4": "utf_8",
    "unicode-1-1-utf-8": "utf_8",
    "x-unicode-2-0-utf-8": "utf_8",
    "x-utf-8": "utf_8",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "chinesebig5": "big5",
    "x-x-big5": "big5",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso2022jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "ansi": "cp1252",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "7bit": "ascii",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "cp10007": "mac_cyrillic",
    "x-cp10007": "mac_cyrillic",
    "10007": "mac_cyrillic",
    "mac-cyrillic": "mac_cyrillic",
    "cp20866": "koi8_r",
    "cp21866": "koi8_u",
    "cp28595": "iso8859_5",
    "cp65001": "utf_8",
    "65001": "utf_8",
    "ibm-866": "cp866",
    "dos-cyrillic": "cp866",
    "cp1251cl": "cp1251",
    "ansi_1251": "cp1251",
    "x-windows-949": "cp949",
    "ibm866": "cp866",
    "csibm866": "cp866",
    "windows-31j": "cp932",
    "cp936": "gb18030",
}
# The codecs that Python has: looking up an unknown name would make it search the file system.
_REGISTERED = {*aliases, *(module.name for module in pkgutil.iter_modules(encodings.__path__))}
_VAGUE = {"ascii", "cp1252", "latin_1"}
_LATIN = re.compile(r"cp125[0247]|iso8859_(?:1|2|3|4|9|10|13|14|15|16)|latin_1|mac_roman|mac_latin2")
_CYRILLIC_LABELS = {*cyrillic.CANDIDATES, "koi8_u"}
_EAST_ASIAN = {"gb18030", "big5", "big5hkscs", "cp949", "cp932", "euc_jp", "johab"}
# UTF-16 and UTF-32 are detected before (utf16_utf32); a guess would accept any even number of bytes.
_WIDE = ["utf_7", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"]
_HALVES = re.compile(rb"(\xed[\xa0-\xaf][\x80-\xbf])(\xed[\xb0-\xbf][\x80-\xbf])")
_HIGH = re.compile(rb"[\x80-\xff]")
_LABEL_JUNK = re.compile(r"[\"'\s;,<>()\\]+")


@lru_cache(maxsize=512)
def codec_name(label: str) -> str | None:
    """Return Python's name of an allowed charset, or None if the label is empty, unknown or not a charset."""
    name = next((p for p in _LABEL_JUNK.split(label.lower()[:80]) if p), "").removeprefix("charset=")
    try:
        codec = _ALIASES.get(name) or codecs.lookup(_registered(name)).name.replace("-", "_")
    except (LookupError, ValueError, UnicodeError):
        return _family(name)
    if codec == "utf_7":
        return codec
    codec = {"utf_8_sig": "utf_8", "iso8859_1": "cp1252"}.get(codec, codec)
    return codec if _ALLOWED.fullmatch(codec) else None


def _registered(name: str) -> str:
    """Return the label as Python looks it up. Raises LookupError for unknown ones."""
    normal = encodings.normalize_encoding(name)
    if normal in _REGISTERED or normal.replace(".", "_") in _REGISTERED:
        return normal
    raise LookupError(name)


def _family(name: str) -> str | None:
    """Recognize unregistered labels: `windows-1251-foo`, `cp1251r`, `iso-8859-5:1988`."""
    for pattern, codec in (
        (r"(?:win|cp|ansi)\D{0,8}(125\d)", "cp{}"),
        (r"8859\D?(\d{1,2})", "iso8859_{}"),
        (r"koi8?\D?([ru])", "koi8_{}"),
    ):
        if match := re.search(pattern, name):
            candidate = codec.format(match.group(1))
            return candidate if _ALLOWED.fullmatch(candidate) else None
    return "utf_8" if "utf8" in name or "utf-8" in name else None


def decode(data: bytes, label: str = "", hint: str = "") -> str:
    """Decode bytes. `label`: the declared charset; `hint`: the charset of neighbouring parts. Never raises.

    A label that the bytes contradict is ignored; bytes that no charset explains become U+FFFD or Latin letters.
    """
    codec = codec_name(label)
    if (text := utf16_utf32.decode(data, codec)) is not None:
        return text
    data = utf16_utf32.without_mark(data)
    codec = None if codec is not None and codec.startswith(("utf_16", "utf_32")) else codec
    if not _HIGH.search(data):
        return _ascii(data, codec)
    codec = None if codec == "utf_7" else codec
    as_utf8 = _utf8(data) or _cesu8(data)
    if as_utf8 is not None and (codec not in _EAST_ASIAN or cyrillic.high_bytes(data[: limits.SNIFF_BYTES]) >= 6):
        return mojibake.mended(as_utf8.lstrip("\ufeff"))
    if as_utf8 is None and (in_part := mixed_charsets.decode(data, codec, codec_name(hint))) is not None:
        return in_part
    return _labelled(data, codec) or _guess(data, codec, codec_name(hint))


def _ascii(data: bytes, codec: str | None) -> str:
    if codec is not None and codec.startswith("iso2022_jp"):
        return iso_2022_jp.decode(data)
    if (codec is not None and codec.startswith(("iso2022", "hz"))) or codec == "utf_7":
        return data.decode(codec, "replace")
    if b"\x1b$B" in data or b"\x1b$@" in data or b"\x1b(J" in data:
        return iso_2022_jp.decode(data)
    if b"\x1b$)C" in data:
        return data.decode("iso2022_kr", "replace")
    return data.decode("ascii", "replace")


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _cesu8(data: bytes) -> str | None:
    """Decode CESU-8 (UTF-8 with surrogate pairs, by Java and Oracle) and two-byte NUL; None for anything else."""
    mended = _HALVES.sub(_joined, data).replace(b"\xc0\x80", b"")
    return _utf8(mended) if mended != data else None


def _joined(match: re.Match[bytes]) -> bytes:
    high, low = (half.decode("utf-8", "surrogatepass") for half in (match[1], match[2]))
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + ord(low) - 0xDC00).encode()


def _labelled(data: bytes, codec: str | None) -> str | None:
    """Return the text as labelled, unless the label is vague or the bytes contradict it."""
    if codec is None or codec in _VAGUE or codec == "utf_8":
        return None
    sample = data[: limits.SNIFF_BYTES]
    if codec in _CYRILLIC_LABELS:
        return mixed_charsets.by_pieces(data, cyrillic.better(sample, codec))
    if _LATIN.fullmatch(codec) and cyrillic.high_bytes(sample) >= 8 and cyrillic.reads_russian(sample):
        return None
    try:
        text = data.decode(codec)
        return mixed_charsets.by_pieces(data, codec) if _LATIN.fullmatch(codec) else text
    except UnicodeDecodeError as broken:
        late = broken.start > len(data) * 0.9 and len(data) > 40
    text = data.decode(codec, "replace")
    return text if late or text.count("\ufffd") * 50 < len(text) else None


def _guess(data: bytes, codec: str | None, hint: str | None) -> str:
    """Decode bytes with a useless label: broken UTF-8, the neighbours' charset, Russian, western or eastern."""
    sample = data[: limits.SNIFF_BYTES]
    high = cyrillic.high_bytes(sample)
    as_utf8 = data.decode("utf-8", "replace")
    if as_utf8.count("\ufffd") * 10 < high and len(data) > 20:
        return as_utf8
    if hint is not None and hint not in _VAGUE and hint != "utf_8" and codec in {None, "ascii"}:
        if hint in _CYRILLIC_LABELS:
            return mixed_charsets.by_pieces(data, cyrillic.better(sample, hint))
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(hint)
    russian = cyrillic.reads_russian(sample) if high >= (3 if codec == "cp1252" else 1) else None
    if russian is not None and not (codec == "cp1252" and cyrillic.beside_latin(sample) > 0.1):
        return mixed_charsets.by_pieces(data, russian)
    other = chinese.charset_of(sample) or _other(sample, codec)
    return mixed_charsets.by_pieces(data, other) if _LATIN.fullmatch(other) else data.decode(other, "replace")


def _other(sample: bytes, codec: str | None) -> str:
    """Return a charset for bytes that are not Russian."""
    if codec is not None and codec not in {"ascii", "utf_8"}:
        return codec
    if cyrillic.beside_latin(sample) > 0.3:
        return "cp1252"
    beginning = sample[:4096]
    if not budget.allows(budget.Work.GUESSES, max(512, len(beginning))):
        return budget.spent().guessed or "latin_1"
    best = from_bytes(beginning, steps=3, chunk_size=512, cp_exclusion=_WIDE).best()
    guessed = (best and codec_name(best.encoding)) or "latin_1"
    budget.spent().guessed = guessed
    return guessed

"""Repair Cyrillic mojibake: UTF-8 decoded as a single-byte charset and encoded as UTF-8 again.

«ÐŸÑ€Ð¸Ð²ÐµÑ‚» and «РџСЂРёРІРµС‚» are both «Привет». Told by what cannot be chance: several such pairs in a row that
make UTF-8 and Cyrillic letters. Each line is mended by itself; the others stay as they are.
"""

import re

# The second bytes of the small and large letters, as the two charsets of Windows and ISO 8859-1 show them.
_WESTERN = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_CYRILLIC = "\x98\xa0¤¦§©«¬\xad®°±µ¶·»Ѐ-Џѐ-џҐґ‚„…†‡€‰‹‘’“”•–—™›№"
_SUSPICIOUS = {
    "cp1252": re.compile(f"(?:[ÐÑ][{_WESTERN}][ ,.:;!?-]{{0,2}}){{4}}"),
    "cp1251": re.compile(f"(?:[РС][{_CYRILLIC}][ ,.:;!?-]{{0,2}}){{4}}"),
}
_LETTERS = re.compile(r"[^\W\d_]")
_USUAL = re.compile("[\u0400-\u052f]")


def mended(text: str) -> str:
    """Repair lines that were decoded in a wrong charset."""
    for codec, suspicious in _SUSPICIOUS.items():
        if suspicious.search(text) is not None:
            text = "\n".join(_line(line, codec) if suspicious.search(line) else line for line in text.split("\n"))
    return text


def _line(line: str, codec: str) -> str:
    try:
        decoded = b"".join(_byte(char, codec) for char in line).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return line
    letters = [char for char in _LETTERS.findall(decoded) if not char.isascii()]
    usual = sum(_USUAL.match(char) is not None for char in letters)
    return decoded if usual * 10 >= len(letters) * 9 > 0 else line


def _byte(char: str, codec: str) -> bytes:
    """Return the byte shown as this character; characters outside the charset were passed through."""
    try:
        return char.encode(codec)
    except UnicodeEncodeError:
        return char.encode("latin-1")

"""Our secrets in binary files are found and blanked, and the files stay valid (AB-29)."""

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from PIL import Image

from otklik.core.secret_links import link_signer
from otklik.mail import attachment_unpacking, pdf_and_png_text, secret_scan, secret_scan_mail, tokens
from otklik.mail.parse import budget, limits
from otklik.mail.secret_scan_mail import blanked_file, blanked_mail, secrets_of

SECRET = "8k-QgH6rb_mAMdE38z_u0txYiIHNRwKNiM5JbshQStI"
ACCOUNT = f"https://desk.example/secure/ActivateAccount/{SECRET}"
SIGNED = link_signer("otklik.rating").sign("96.1")
RATING = f"https://desk.example/servicedesk/customer/rating/{SIGNED}"


def _picture(kind: str, **more: object) -> Callable[[str], bytes]:
    def made(link: str) -> bytes:
        out, image = io.BytesIO(), Image.new("RGB", (8, 8), "red")
        said = image.getexif()
        said[0x010E] = f"Taken of {link}"
        image.save(out, kind, **({"exif": said} if kind in ("JPEG", "WEBP") else {"comment": link.encode()}), **more)
        return out.getvalue()

    return made


def _png(packed: bool) -> Callable[[str], bytes]:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def made(link: str) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(out, "PNG")
        plain = out.getvalue()
        said = chunk(b"zTXt", b"Source\0\0" + zlib.compress(link.encode())) if packed else b""
        return plain[:33] + (said or chunk(b"tEXt", b"Source\0" + link.encode())) + plain[33:]

    return made


def _pdf(pack: Callable[[bytes], bytes], filters: bytes) -> Callable[[str], bytes]:
    def made(link: str) -> bytes:
        body = pack(b"5 0 <</Type/Annot/Subtype/Link/A<</S/URI/URI(%s)>>>>" % link.encode())
        return (
            b"%%PDF-1.5\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n4 0 obj\n"
            b"<</Type/ObjStm/N 1/First 4/Filter%s/Length %d>>stream\n%s\nendstream\nendobj\ntrailer<<>>\n%%%%EOF\n"
        ) % (filters, len(body), body)

    return made


def _drawn(link: str) -> bytes:
    """Return a PDF in which the text is drawn letter by letter, as programs do."""
    words = b"".join(b"(%s)-12" % link[at : at + 3].encode() for at in range(0, len(link), 3))
    return _pdf(lambda _plain: zlib.compress(b"BT /F1 12 Tf [" + words + b"]TJ ET"), b"/FlateDecode")("")


def _in_hex(link: str) -> bytes:
    said = b"<%s>" % link.encode().hex().encode()
    return _pdf(lambda _plain: zlib.compress(b"5 0 <</S/URI/URI" + said + b">>"), b"/FlateDecode")("")


def _tar(mode: str) -> Callable[[str], bytes]:
    def made(link: str) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
            for name, said in (("a.txt", f"Hello {link} bye"), ("b.txt", "the second file")):
                entry = tarfile.TarInfo(name)
                entry.size = len(said)
                archive.addfile(entry, io.BytesIO(said.encode()))
        return out.getvalue()

    return made


def _zip(content: bytes, name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _nested(times: int) -> Callable[[str], bytes]:
    def made(link: str) -> bytes:
        data = link.encode()
        for _time in range(times):
            data = _zip(data, "a.zip")
        return data

    return made


def _compound(link: str) -> bytes:
    """Return the beginning of a saved Outlook mail with UTF-16 text and HTML."""
    words = f"Откройте {link} пожалуйста".encode("utf-16-le").ljust(2048, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + words + f"<a href='{link}'>x</a>".encode() + bytes(900)


def _open_picture(data: bytes) -> None:
    Image.open(io.BytesIO(data)).load()


def _open_tar(data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["a.txt", "b.txt"]
        found = archive.extractfile("b.txt")
        assert found is not None and found.read() == b"the second file"


FILES: dict[str, Callable[[str], bytes]] = {
    "JPEG, EXIF": _picture("JPEG"),
    "WebP, EXIF": _picture("WEBP"),
    "GIF, comment": _picture("GIF"),
    "PNG, words": _png(packed=False),
    "PNG, packed words": _png(packed=True),
    "PDF": _pdf(lambda plain: plain, b""),
    "PDF, packed": _pdf(zlib.compress, b"/FlateDecode"),
    "PDF, Ascii85": _pdf(lambda plain: base64.a85encode(zlib.compress(plain)) + b"~>", b"[/ASCII85Decode/FlateDecode]"),
    "PDF, hexadecimal": _pdf(lambda plain: plain.hex().encode() + b">", b"/ASCIIHexDecode"),
    "PDF, drawn": _drawn,
    "PDF, string in digits": _in_hex,
    "tar": _tar("w"),
    "tar, packed": _tar("w:gz"),
    "compound file": _compound,
    "sound": lambda link: b"ID3\x03\0\0\0\0\0\x7fWXXX" + link.encode(),
    "begins like RAR": lambda link: b"Rar!\x1a\x07\0 " + link.encode(),
    "begins like 7z": lambda link: b"7z\xbc\xaf\x27\x1c " + link.encode(),
    "a program before the archive": lambda link: b"MZ" + bytes(300) + _zip(link.encode()),
    "lzma": lambda link: lzma.compress(link.encode() * 3, format=lzma.FORMAT_ALONE),
    "two in one gzip": lambda link: gzip.compress(b"junk\n" * 9) + gzip.compress(link.encode()),
    "two in one bzip2": lambda link: bz2.compress(b"junk\n" * 9) + bz2.compress(link.encode()),
    "twelve archives deep": _nested(12),
    "cut archive": lambda link: _zip(b"x")[:40] + link.encode(),
}
WHOLE = {
    **dict.fromkeys(("JPEG, EXIF", "WebP, EXIF", "GIF, comment", "PNG, words", "PNG, packed words"), _open_picture),
    **dict.fromkeys(("tar", "tar, packed"), _open_tar),
}
SAME_LENGTH = {"JPEG, EXIF", "WebP, EXIF", "GIF, comment", "PDF", "tar", "compound file", "sound", "begins like RAR"}


def _part(content: bytes) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "a@b.test", "x"
    made.set_content("See below.")
    made.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    return made.as_bytes()


def _speaks(data: bytes, secret: str) -> bool:
    """Return whether the secret can be read in the bytes, compressed as they are."""
    return secret.encode() in data.replace(b"\0", b"") or any(secret in found for found in secrets_of(_part(data)))


@pytest.mark.parametrize(("link", "secret"), [(ACCOUNT, SECRET), (RATING, SIGNED)], ids=["account", "rating"])
@pytest.mark.parametrize("name", FILES)
def test_ab_29_a_file_hides_no_link_and_stays_what_it_was(name: str, link: str, secret: str) -> None:
    data = FILES[name](link)
    assert any(secret in found for found in secrets_of(_part(data)))
    cleaned = blanked_file(data)
    assert cleaned != data and not _speaks(cleaned, secret)
    assert not _speaks(blanked_mail(_part(data)), secret)
    WHOLE.get(name, len)(cleaned)
    if name in SAME_LENGTH:
        assert len(cleaned) == len(data)


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_links_stays_to_the_byte(name: str) -> None:
    data = FILES[name]("https://desk.example/servicedesk/customer/portal/1/ACCREDO-4")
    assert blanked_file(data) == data


def test_ab_29_a_compressed_file_is_written_anew_whole_or_not_at_all() -> None:
    long = gzip.compress(f"{ACCOUNT}\n".encode() + b"A line of a log.\n" * 900_000)
    assert blanked_file(long) == secret_scan.IN_BYTES.encode()
    short = gzip.compress(f"{ACCOUNT}\n".encode() + b"A line of a log.\n" * 90_000)
    assert gzip.decompress(blanked_file(short)).endswith(b"A line of a log.\n" * 90_000)


@pytest.mark.parametrize("line", [f"{ACCOUNT} a word", f"{ACCOUNT}\nа слово", f"see {ACCOUNT}", f"Note: {ACCOUNT}"])
@pytest.mark.parametrize("times", [1, 3, 40])
def test_ab_29_a_list_of_links_is_not_taken_for_a_mail_and_keeps_its_other_words(line: str, times: int) -> None:
    data = f"{line}\n".encode() * times
    assert blanked_file(data) == data.replace(ACCOUNT.encode(), secret_scan.IN_BYTES.encode())


@pytest.mark.parametrize("tail", [ACCOUNT, RATING])
def test_ab_29_a_link_behind_hundreds_of_others_like_it_is_found(tail: str) -> None:
    # More places with words of ours than are searched in depth.
    others = (
        "https://desk.example/secure/ActivateAccount/ and https://desk.example/servicedesk/ " + "x " * 2_100
    ) * 260
    data = f"{others}{tail}\n".encode()
    cleaned = blanked_file(data)
    assert cleaned.startswith(others.encode()) and tail.encode() not in cleaned


SIGN = tokens.sign(7, 1)


def test_ab_29_a_signed_address_alone_in_binary_data_is_found() -> None:
    data = b"\x00\x01\x02\xff" * 40 + f"x+{SIGN}@y.example".encode() + b"\x00\x03\xfe" * 40
    cleaned = blanked_file(data)
    assert SIGN.encode() not in cleaned and cleaned != data
    other = SIGN[:-1] + ("a" if SIGN[-1] != "a" else "b")
    assert blanked_file(data.replace(SIGN.encode(), other.encode())) == data.replace(SIGN.encode(), other.encode())


@pytest.mark.parametrize("form", [
    "Original-Recipient: rfc822;accredo+2B{}@desk.example",
    "IMCEASMTP-accredo+2B{}+40desk+2Eexample@exchange.example",
    "IMCEAEX-_O=X_OU=Y_cn=accredo+2b{}+40desk@exchange.example",
    "SRS0=AbCd=XY=desk.example=accredo+{}@forward.example",
    "accredo\\u002b{}@desk.example",
    "accredo~2B{}",
])  # fmt: skip
def test_ab_29_a_signed_address_is_found_however_its_plus_is_written(form: str) -> None:
    assert SIGN not in secret_scan.blanked("Кому: " + form.format(SIGN))
    other = "Кому: " + form.format(SIGN[:-1] + ("a" if SIGN[-1] != "a" else "b"))
    assert secret_scan.blanked(other) == other


def test_rl_10_a_picture_is_looked_at_quickly() -> None:
    photo = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 80_000
    assert blanked_file(photo[:100]) == photo[:100]  # what is made once is made
    begun = time.process_time()
    assert blanked_file(photo) == photo
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("data", [
    b"%PDF-1.7\n" + b"1 0 obj <</Filter/FlateDecode>>stream\n" + zlib.compress(b"(a" * 9_000_000) + b"endstream",
    b"%PDF-1.7\n" + (b"obj <<>>stream\n" + zlib.compress(b"<00" * 9_000)) * 900,
    b"%PDF-1.7\n" + b"stream\n" * 400_000,
    b"%PDF-1.7\n" + b"(\\" * 1_000_000 + b"((a(" * 200_000,
    b"\x89PNG\r\n\x1a\n" + (struct.pack(">I4s", 40, b"zTXt") + b"\x78\x9c" * 20 + b"crc!") * 60_000,
    b"%PDF-1.7\n" + (b"obj <<>>stream\n" + zlib.compress(b"hi")) * 20_000 + b"\xff" * 9_000_000,
    b"%PDF-1.7\n" + b"obj <</ASCII85Decode>>stream\n" * 20_000 + b"!" * 9_000_000,
    gzip.compress(b"hi") * 1_000 + b"\xff" * 20_000_000,
], ids=["long stream", "many streams", "beginnings", "open strings", "words of a picture", "short streams",
        "streams without an end", "short pieces"])  # fmt: skip
def test_rl_10_pdf_files_and_pictures_that_cost_very_much_cost_little(data: bytes) -> None:
    begun = time.process_time()
    secrets_of(_part(data))
    assert blanked_file(data) == data
    assert time.process_time() - begun < 6


def test_rl_10_a_picture_says_no_more_than_one_mail_may_ask_for() -> None:
    words = b"k\0\0" + zlib.compress(b"a" * 2 * limits.UNPACKED_BYTES)
    data = pdf_and_png_text.PNG + (struct.pack(">I4s", len(words), b"zTXt") + words + b"crc!") * 2
    with budget.one_mail():
        assert sum(map(len, pdf_and_png_text.of_png(data))) <= limits.UNPACKED_BYTES


def test_rl_10_very_many_links_in_two_bytes_a_letter_are_blanked_quickly() -> None:
    links = (f"secure/ActivateAccount/{number:043}".encode("utf-16-le") for number in range(4_000))
    data = b"\x01\x00\x02\x03" * 1_000 + b"".join(one + b"\x01\x02\x03" * 80 for one in links)
    begun = time.process_time()
    made = blanked_file(data + b"\x01\x02" * 5_000_000)
    assert time.process_time() - begun < 4
    assert len(made) == len(data) + 10_000_000
    assert "0000000000000000000000000000000000042".encode("utf-16-le") not in made


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ab_29_members_packed_in_any_way_are_read(method: int) -> None:
    contents = ["Ссылка\n" * 900, "", f"https://desk.example/secure/ActivateAccount/{SECRET}"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.txt", content)
    assert [content.decode() for _name, content in attachment_unpacking.inside(b"MZ" + out.getvalue())] == contents
    assert SECRET in secrets_of(_part(out.getvalue()))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rl_10_members_larger_than_they_say_cost_what_they_say(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a", b"\0" * 80_000_000)
    data = bytearray(out.getvalue())
    for place in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[place : place + 4] = struct.pack("<I", 10)
    tracemalloc.start()
    try:
        assert [len(content) <= 10 for _name, content in attachment_unpacking.inside(bytes(data))] == [True]
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_rl_10_what_takes_long_to_search_is_given_up_as_soon_as_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    searched, _secrets_in = list[int](), secret_scan_mail._secrets_in

    def counted(text: str, *, codes: bool, is_text: bool = True) -> set[str]:
        searched.append(len(text))
        return _secrets_in(text, codes=codes, is_text=is_text)

    monkeypatch.setattr(secret_scan_mail, "_secrets_in", counted)
    part = b"--BB\r\nContent-Type: text/plain\r\n\r\n" + b"00112233445566778899aabbccddeeff\r\n" * 3_000
    hard = b"Content-Type: multipart/mixed; boundary=BB\r\n\r\n" + part * 60 + b"--BB--\r\n"
    assert secret_scan_mail.secrets_found_soon(hard, 30.0) is None
    assert len(searched) < 20, "not all parts, once there is too much"
    searched.clear()
    assert secret_scan_mail.secrets_found_soon(part.join([b"", b"\r\n"]), 0.0) is None, "no time"
    assert secret_scan_mail.secrets_found_soon(b"Subject: x\r\n\r\nwords\r\n", 30.0) == set()

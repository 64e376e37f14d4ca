"""Our secrets are found and blanked in every encoding used by mail programs, redirectors and people."""

import base64
import re
import struct
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

import pytest
from django.urls import get_resolver

from otklik.core.secret_links import PARAMETERS, secret_paths
from otklik.mail import rtf, secret_scan, tokens
from otklik.mail.parse import parse
from otklik.mail.secret_scan_mail import blanked_file, blanked_mail, secrets_of
from tests.secrets_seen import readings
from tests.test_matrix import routes

SECRET = "8k-QgH6rb_mAMdE38z_u0txYiIHNRwKNiM5JbshQStI"
ACCOUNT = f"https://desk.example/secure/ActivateAccount/{SECRET}"
RATING = f"https://desk.example/servicedesk/customer/rating/96.1:{SECRET}"
# Variable parts of addresses that are no secrets: numbers, names, keys of desks and requests.
OPEN = {
    "desk_id", "group_id", "type_id", "key", "queue_id", "organization_id", "person_id", "view_id", "phone_id",
    "page_id", "passkey_id", "session_id", "token_id", "provider_id", "transition_id", "approval_id", "message_id",
    "reply_id", "attachment_id", "name", "mark", "rest", "inbound_id", "mail_id", "kind", "event_id", "field_id",
    "number", "link_id", "table", "entry_id", "export_id", "run_id", "desk_key", "answer_id",
}  # fmt: skip


def _proofpoint(link: str) -> str:
    packed = quote(link, safe="").replace("-", "-2D").replace("_", "-5F").replace("%2F", "_").replace("%", "-")
    return f"https://urldefense.proofpoint.com/v2/url?u={packed}&d=DwMF&c=x"


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda link: f"см. {link}, спасибо",
    "html": lambda link: f'<a href="{link}?score=4">Да</a>',
    "percent": lambda link: f"https://eur01.safelinks.test/?url={quote(link, safe='')}&data=05",
    "twice": lambda link: f"https://safe.test/?url={quote(quote(link, safe=''), safe='')}",
    "entities": lambda link: "".join(f"&#{ord(char)};" for char in link),
    "entity": lambda link: link.replace("/", "&#x2f;").replace(":", "&#58;"),
    "base64": lambda link: f"https://protection.test?d=x&u={base64.b64encode(link.encode()).decode()}&i=1",
    "base64 of percent": lambda link: (
        f"https://p.test?u={base64.urlsafe_b64encode(quote(link, safe='').encode()).decode()}"
    ),
    "hex": lambda link: f"https://p.test/{link.encode().hex()}",
    "proofpoint": _proofpoint,
    "proofpoint 3": lambda link: f"https://urldefense.com/v3/__{link}__;!!OmAbC!PqRsTuV$",
    "quoted-printable": lambda link: link.replace(":", "=3A").replace("/", "=2F"),
    "soft break": lambda link: f"{link[:60]}=\r\n{link[60:]}",
    "wrapped": lambda link: f"> {link[:30]}\n> > {link[30:70]}\n> {link[70:]}\n> Please read on",
    "wbr": lambda link: f"{link[:50]}<wbr>{link[50:70]}</span><span class=x>{link[70:]}",
    "invisible": lambda link: f"{link[:50]}\u200b{link[50:80]}&shy;{link[80:]}",
    "json": lambda link: link.replace("/", "\\/"),
    "source of a mail": lambda link: base64.encodebytes(f"Здравствуйте!\n{link}\n".encode() * 3).decode(),
    "quoted source": lambda link: "".join(
        f"> {line}\n" for line in base64.encodebytes(f"Здравствуйте!\n{link}\n".encode() * 3).decode().splitlines()
    ),
    "comment": lambda link: f"{link[:50]}<!-- x -->{link[50:]}",
    "blocks": lambda link: f"{link[:60]}</div>\n<div class=q>{link[60:]}",
    "no-break space": lambda link: f"{link[:60]}\xa0\n\xa0{link[60:]}",
    "invisible operator": lambda link: f"{link[:60]}\u2063{link[60:]}",
    "base64 twice": lambda link: base64.encodebytes(
        base64.encodebytes(f"Здравствуйте!\n{link}\n".encode() * 3)
    ).decode(),
    "base64 three times": lambda link: (
        "см. " + base64.b64encode(base64.b64encode(base64.b64encode(link.encode()))).decode() + " !"
    ),
    "base32": lambda link: f"см. {base64.b32encode(link.encode()).decode()} !",
    "utf-7": lambda link: "см. ".encode("utf-7").decode() + link.replace("-", "+AC0-").replace("_", "+AF8-"),
    "all of it in utf-7": lambda link: (
        "+" + base64.b64encode(link.encode("utf-16-be")).decode().rstrip("=") + "- and more"
    ),
    "rtf": lambda link: link.replace("-", "\\'2d").replace("_", "\\u95?").replace("/", "\\'2f"),
    "all of it in rtf": lambda link: "".join(f"\\'{ord(char):02x}" for char in link),
    "bare": lambda link: f"вот: {link.rpartition('/')[2]} ...",
}


@pytest.mark.parametrize("link", [ACCOUNT, RATING], ids=["account", "rating"])
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_ab_29_a_link_is_found_and_blanked_in_every_wrapping(link: str, wrapping: str) -> None:
    text = WRAPPINGS[wrapping](link)
    assert any(SECRET in found for found in secret_scan.secrets_in(text))
    if (link, wrapping) == (ACCOUNT, "bare"):
        return  # letters without anything that says whose they are; voided when they come by mail
    shown = secret_scan.blanked(text, "LINK")
    assert "LINK" in shown
    assert not any(SECRET in reading or SECRET[-20:] in reading for reading in readings(shown.encode()))


@pytest.mark.parametrize("behind", ["", "__;!!Om$", "&uidl=1", "_", "___"])
def test_ab_29_the_key_of_a_reader_is_found_whatever_a_rewriter_sets_behind_it(behind: str) -> None:
    link = (
        f"https://desk.example/servicedesk/customer/portal/1/ACCREDO-5?sda_source=notification-email&to=34.1:{SECRET}"
    )
    assert SECRET not in secret_scan.blanked(f"https://safe.test/v3/__{link}{behind}")


def test_what_stands_around_a_link_stays() -> None:
    text = f"Добрый день!\n{ACCOUNT}\nPlease read this: http://clinic.test/secure/page?a=%2F\n(см. {RATING})."
    shown = secret_scan.blanked(text, "LINK")
    assert shown == "Добрый день!\nLINK\nPlease read this: http://clinic.test/secure/page?a=%2F\n(см. LINK)."


@pytest.mark.parametrize(
    "text", ["", "http://x.test/servicedesk/customer/portal/1/ACCREDO-4?sda_source=mail", "+7 495"]
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert secret_scan.blanked(text) == text


def test_signed_addresses_lose_their_signed_part_and_others_do_not() -> None:
    token = tokens.sign(4711, 2)
    assert secret_scan.blanked(f"To: accredo+{token}@desk.test, a+1b@c.test") == "To: accredo+…@desk.test, a+1b@c.test"
    assert secret_scan.blanked(f"References: <{token}.ab.otklik@desk.test>") == "References: <….ab.otklik@desk.test>"
    assert secret_scan.blanked(f"x accredo%2B{token.upper()}%40desk.test") == "x accredo%2B…%40desk.test"
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert secret_scan.blanked(f"xxxxxxxx accredo+{forged}@desk.test") == f"xxxxxxxx accredo+{forged}@desk.test"


def _mail(cte: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"], made["Message-ID"] = "a@b.test", "d@desk.test", "x", "<1@b.test>"
    made.set_content(f"Здравствуйте!\n{ACCOUNT}\nPlease", cte=cte)
    made.add_alternative(f'<p>Да <a href="{RATING}">x</a></p>', subtype="html", cte=cte)
    return made


def _around(content: EmailMessage | bytes, **how: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "MAILER-DAEMON@b.test", "Undelivered"
    made.set_content("See below.")
    made.add_attachment(content, **how)
    return made


def _rich(link: str) -> bytes:
    """Return RTF as Word and Outlook write it: the link broken by control words, line ends and escapes."""
    middle = link[60:].replace("-", "\\'2d").replace("_", "\\u95?")
    return f"{{\\rtf1\\ansi Hello\\par {link[:40]}{{\\f1\r\n{link[40:60]}}}\\b0 {middle}\\par }}".encode()


def _winmail(rich: bytes) -> bytes:
    """Return a TNEF container with compressed RTF in which all bytes are literals."""
    stream = b"".join(b"\0" + rich[place : place + 8] for place in range(0, len(rich), 8))
    packed = struct.pack("<II4sI", len(stream) + 12, len(rich), b"LZFu", 0) + stream
    prop = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(packed)) + packed
    attribute = struct.pack("<BHHI", 1, 0x9003, 6, len(prop)) + prop + b"\0\0"
    return b"\x78\x9f\x3e\x22\1\0" + attribute


def _text(content_type: str, content: bytes) -> bytes:
    head = f"From: a@b.test\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _cases() -> dict[str, bytes]:
    cases = {}
    for cte in ("base64", "quoted-printable", "8bit"):
        one = _mail(cte)
        bounce = _around(one)
        cases[cte] = one.as_bytes()
        cases[f"{cte} in a bounce"] = bounce.as_bytes()
        file = _around(bounce.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
        cases[f"{cte} in a bounce in a file"] = file.as_bytes()
    wide = ACCOUNT.encode("utf-16")
    cases["UTF-16"] = _around(wide, maintype="text", subtype="plain", filename="a.txt").as_bytes()
    rich = _rich(ACCOUNT)
    cases["RTF"] = _around(rich, maintype="application", subtype="rtf", filename="a.rtf").as_bytes()
    packed = _winmail(rich)
    cases["RTF in winmail.dat"] = _around(packed, maintype="application", subtype="ms-tnef").as_bytes()
    seven = f"Здравствуйте!\n{ACCOUNT}\n".encode("utf-7").replace(b"/", b"+AC8-").replace(b"_", b"+AF8-")
    cases["UTF-7"] = b"From: a@b.test\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n" + seven
    late = ("Ж" * 5000 + ACCOUNT).encode("utf-16-le")
    cases["UTF-16 behind Russian"] = _text("text/plain; charset=utf-16le", late)
    cases["UTF-16 behind Russian in a file"] = _around(
        late, maintype="application", subtype="octet-stream", filename="a.txt"
    ).as_bytes()
    cases["UTF-32"] = _text("text/plain; charset=utf-32", ACCOUNT.encode("utf-32"))
    cases["HZ"] = _text("text/plain; charset=hz-gb-2312", ACCOUNT[:60].encode() + b"~\n" + ACCOUNT[60:].encode())
    cases["ISO-2022-JP"] = _text(
        "text/plain; charset=iso-2022-jp", ACCOUNT[:60].encode() + b"\x1b(J" + ACCOUNT[60:].encode() + b"\x1b(B"
    )
    every_second = "".join(f"&#{ord(char)};" if place % 2 else char for place, char in enumerate(ACCOUNT))
    cases["every second letter a reference"] = _text("text/html; charset=utf-8", f"<p>{every_second}".encode())
    subject = EmailMessage(policy=SMTP)
    subject["From"], subject["Subject"] = "a@b.test", f"Пересылаю: {ACCOUNT}"
    subject.set_content("-")
    cases["subject"] = subject.as_bytes()
    head = b"From: a@b.test\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: "
    for label, around in (("base64", "====="), ("quoted-printable", "=3D=3D"), ("x-uuencode", "")):
        said = f"{label}\r\n\r\n{around}\r\n{ACCOUNT}\r\n{around}\r\n"
        cases[f"in clear, labelled {label}"] = head + said.encode()
    cases["as text"] = _around(_mail("base64").as_bytes(), maintype="text", subtype="plain").as_bytes()
    return cases


@pytest.mark.parametrize("name", _cases())
def test_ab_29_a_mail_loses_its_links_in_any_part_and_depth(name: str) -> None:
    raw = _cases()[name]
    assert SECRET in secrets_of(raw)
    cleaned = blanked_mail(raw)
    assert not any(SECRET in reading.replace("\0", "") for reading in readings(cleaned))
    assert SECRET not in secrets_of(cleaned)
    assert b"From: " in cleaned and blanked_file(raw) == cleaned


@pytest.mark.parametrize("cte", ["base64", "quoted-printable", "8bit"])
def test_a_mail_keeps_its_other_words(cte: str) -> None:
    read = parse(blanked_mail(_mail(cte).as_bytes()))
    assert "Здравствуйте!" in read.text and "Please" in read.text and "Да" in (read.html or "")


@pytest.mark.parametrize("name", [SECRET + ".txt", ACCOUNT, quote(ACCOUNT, safe="")])
def test_ab_29_a_link_in_the_name_of_a_file_is_found(name: str) -> None:
    mail = _around(b"x", maintype="application", subtype="octet-stream", filename=name)
    assert SECRET in secrets_of(mail.as_bytes())


def test_ab_29_files_that_use_up_the_search_in_depth_leave_no_plain_link_in_the_last() -> None:
    mail = EmailMessage()
    mail.set_content("See the logs.")
    for number in range(20):
        log = f"{number} {ACCOUNT}\n" + "An ordinary line of a log.\n" * 9_000
        mail.add_attachment(log.encode(), "text", "plain", cte="8bit", filename=f"{number}.log")
    assert SECRET.encode() not in blanked_mail(mail.as_bytes(policy=SMTP))


def test_ab_29_of_a_very_long_text_what_stands_around_each_link_is_read_to_its_end() -> None:
    other = SECRET.swapcase()
    text = "слово " * 60_000 + ACCOUNT + " слово" * 800 + " " + ACCOUNT.replace(SECRET, other) + " слово" * 5_000
    assert {SECRET, other} <= secrets_of(_text("text/plain; charset=utf-8", text.encode()))


def test_ab_29_references_hide_no_link_in_a_file_of_any_kind() -> None:
    page = "".join(f"&#{ord(char)};" if place % 2 else char for place, char in enumerate(f"<p>{ACCOUNT}")).encode()
    mail = _around(page, maintype="application", subtype="octet-stream", filename="a.htm").as_bytes()
    assert SECRET in secrets_of(mail)
    assert not any(SECRET in reading for reading in (*readings(blanked_mail(mail)), *readings(blanked_file(page))))
    other = b"<p>&#1040;&#97; no link of ours &#60;"
    assert blanked_file(other) is other


def test_the_signs_of_html_stay_as_they_were_written_beside_a_hidden_link() -> None:
    link = "".join(f"&#x{ord(char):x};" for char in ACCOUNT[:70]) + ACCOUNT[70:]
    cleaned = blanked_mail(_text("text/html", f"<p>&#60;script&#x3e; {link} &lt;b&gt;".encode()))
    text = base64.b64decode(cleaned.partition(b"\r\n\r\n")[2]).decode()
    assert "<script" not in text and "&#60;script&#x3e;" in text and "&lt;b&gt;" in text


def test_a_mail_without_links_is_the_same_to_the_byte() -> None:
    raw = _mail("8bit").as_bytes().replace(ACCOUNT.encode(), b"x").replace(RATING.encode(), b"y")
    assert blanked_mail(raw) is raw


@pytest.mark.parametrize(
    "piece",
    ["слово ", "https://a.b/rating%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ", " ", "1", "A" * 76 + "\n", "1.1:", "a-b-",
     "https%3A", "servicedesk/customer/rating/", "secure/\nActivate", "&#47;", "<span>", "\u200b", ACCOUNT + "\n",
     base64.b64encode(b"rating" * 9).decode() + "\n", "=", "%25", "\\u00", "\t\r\n", "> "],
)  # fmt: skip
def test_rl_10_the_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(size: int) -> float:
        begun = time.process_time()
        secret_scan.blanked(piece * (size // len(piece)))
        secret_scan.secrets_in(piece * (size // len(piece)))
        return time.process_time() - begun

    small = max(seconds(40_000), 0.01)
    assert seconds(320_000) < small * 8 * 6, "eight times as long a text"


def test_packed_rtf_is_read_with_its_references_to_what_stood_before() -> None:
    # "{\\rtf1" by reference to the text that every packer knows, then letters, a repetition and the end.
    tokens_of = struct.pack(">H", 0 << 4 | 4) + b" ab" + struct.pack(">H", (207 + 7) << 4) + struct.pack(">H", 218 << 4)
    stream = bytes([0b00110001]) + tokens_of
    packed = struct.pack("<II4sI", len(stream) + 12, 13, b"LZFu", 0) + stream
    assert rtf.packed_in(b"x" * 9 + packed) == [b"{\\rtf1 abab"]


def test_signed_addresses_inside_base64_are_found() -> None:
    token = tokens.sign(4711, 2)
    inside = base64.encodebytes(f"Reply-To: ACCREDO <accredo+{token}@desk.example>\nSubject: x\n".encode() * 2).decode()
    shown = secret_scan.blanked(f"Исходник:\n{inside}и ещё слова")
    assert not any(token in reading for reading in readings(shown.encode())) and shown.endswith("и ещё слова")
    other = base64.encodebytes(b"Reply-To: ACCREDO <accredo@desk.example>\nSubject: x\n" * 2).decode()
    assert secret_scan.blanked(other) == other


def test_rl_10_what_is_searched_of_a_mail_is_bounded_and_finds_links_in_the_midst_of_a_long_one() -> None:
    filling = b"1234 5678 .otklik@ rating/ Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy " * 200_000
    head = b"From: a@b.test\r\n\r\n"
    begun = time.process_time()
    secrets_of(head + filling)
    assert time.process_time() - begun < 4
    words = b"An ordinary line of a long log, with nothing in it.\n" * 40_000
    assert SECRET in secrets_of(head + words + ACCOUNT.encode() + b"\n" + words)


@pytest.mark.parametrize("gap", ["\n> ", "=\r\n", "<wbr>", "\u200b", "</p>\n<p>", "<!-- -->"])
def test_signed_addresses_are_found_across_breaks(gap: str) -> None:
    token = tokens.sign(7, 1)
    shown = secret_scan.blanked(f"От: a+{token[:20]}{gap}{token[20:]}@desk.example, и ещё слова")
    assert token[:20] not in shown and token[20:] not in shown and shown.endswith("и ещё слова")


def test_rl_10_many_that_look_like_signed_addresses_cost_no_more_and_hide_none() -> None:
    digits = str.maketrans("0189", "abcd")
    many = "".join(f"+1{format(number, '038d').translate(digits)}@x " for number in range(12_000))
    genuine = tokens.sign(7, 1)
    begun = time.process_time()
    shown = secret_scan.blanked(f"{many} +{genuine}@desk.example")
    assert time.process_time() - begun < 1.5 and genuine not in shown


def test_every_address_with_a_secret_is_known_and_a_new_one_is_noticed() -> None:
    names = {name for route in routes(get_resolver()) for name in re.findall(r"<(?:\w+:)?(\w+)>", route)}
    assert names - OPEN - PARAMETERS - {"uidb36"} == set(), "is the new part of an address a secret? Say so here"
    assert {"secure/ResetPassword/", "servicedesk/customer/rating/"} <= set(secret_paths())
    for path in secret_paths():
        assert secret_scan.blanked(f"https://desk.example/{path}{SECRET}", "LINK") == "LINK", path

"""The DKIM check: real signatures, real queries to a local name server."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from otklik.mail.dkim_verify import is_vouched, vouching_domains
from otklik.mail.dns_batch import Questions
from otklik.mail.dns_lookup import Names, Unanswered
from tests.postoffice import letter

BOX = "accredo@desk.test"
_HEAD = b"From: a@clinic.test\r\nTo: accredo@desk.test\r\n\r\n"
SIGNED = [b"from", b"to", b"subject", b"date", b"message-id"]


@dataclass
class NameServer:
    """Answers TXT queries from `records`.

    `silent`: answers nothing; `mute`: names without an answer; `broken`: names answered with SERVFAIL.
    """

    records: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    mute: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    port: int = 0

    def serve(self, link: socket.socket, stop: threading.Event) -> None:
        link.settimeout(0.2)
        while not stop.is_set():
            try:
                raw, sender = link.recvfrom(4096)
            except TimeoutError:
                continue
            answer = self.answer(dns.message.from_wire(raw))
            if not self.silent and not self.mute.intersection(self.asked[-1:]):
                link.sendto(answer.to_wire(), sender)

    def answer(self, question: dns.message.Message) -> dns.message.Message:
        name = question.question[0].name.to_text().rstrip(".")
        self.asked.append(name)
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif name in self.records:
            words = self.records[name]
            pieces = " ".join(f'"{words[at : at + 200]}"' for at in range(0, len(words) or 1, 200))
            reply.answer.append(dns.rrset.from_text(f"{name}.", 300, "IN", "TXT", pieces))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Yield a running name server that has the key of clinic.test."""
    server, stop = NameServer({"s1._domainkey.clinic.test": f"v=DKIM1; k=rsa; p={public()}"}), threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        server.port = link.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(link, stop), daemon=True)
        thread.start()
        yield server
        stop.set()
        thread.join(5)


_KEYS: dict[str, str] = {}


def private() -> bytes:
    if not _KEYS:
        made = subprocess.run(["openssl", "genrsa", "-traditional", "1024"], capture_output=True, check=True, text=True)
        shown = subprocess.run(
            ["openssl", "rsa", "-pubout"], input=made.stdout, capture_output=True, check=True, text=True
        )
        _KEYS["private"] = made.stdout
        _KEYS["public"] = "".join(shown.stdout.split("\n")[1:-2])
    return _KEYS["private"].encode()


def public() -> str:
    private()
    return _KEYS["public"]


def signed(raw: bytes, domain: str = "clinic.test", *, fields: list[bytes] = SIGNED, **options: object) -> bytes:
    """Return the mail signed by the domain."""
    header = dkim.sign(raw, b"s1", domain.encode(), private(), include_headers=fields, **options)
    return bytes(header) + raw


def vouched(names: NameServer, raw: bytes) -> list[str]:
    return vouching_domains(raw, BOX, Names([f"127.0.0.1:{names.port}"]).text)


def test_a_good_signature_of_the_senders_domain_vouches(names: NameServer) -> None:
    raw = signed(letter(text="Здравствуйте"))
    assert vouched(names, raw) == ["clinic.test"]
    assert vouched(names, raw.replace(b"\r\n", b"\n")) == ["clinic.test"]
    assert vouched(names, b"Received: from x by y\r\n" + raw) == ["clinic.test"]
    assert is_vouched("anna@clinic.test", "clinic.test") and not is_vouched("anna@other.test", "clinic.test")


def test_a_subdomain_belongs_to_its_organisation(names: NameServer) -> None:
    assert vouched(names, signed(letter(sender="anna@mail.clinic.test"))) == ["clinic.test"]
    assert is_vouched("anna@mail.clinic.test", "clinic.test")


STRICT = "v=DMARC1; p=reject; adkim=s"
POLICIES = [
    # what _dmarc says at the organisation; whether a subdomain's signature speaks for it
    (STRICT, False),
    ("v=DMARC1;p=none;ADKIM = S;", False),
    ("v=DMARC1; adkim=r; p=reject", True),
    ("v=DMARC1; p=reject; rua=mailto:adkim=s@x.test", True),
    ("v=spf1; adkim=s", True),
    (None, True),
]


@pytest.mark.parametrize(("organisation", "speaks"), POLICIES)
def test_ab_11_a_domain_that_demands_its_very_self_is_spoken_for_by_no_other(
    names: NameServer, organisation: str | None, speaks: bool
) -> None:
    names.records["s1._domainkey.students.clinic.test"] = names.records["s1._domainkey.clinic.test"]
    if organisation is not None:
        names.records["_dmarc.clinic.test"] = organisation
    assert vouched(names, signed(letter(), "students.clinic.test")) == (["students.clinic.test"] if speaks else [])
    assert vouched(names, signed(letter())) == ["clinic.test"], "the domain itself always does"
    from_below = signed(letter(sender="anna@mail.clinic.test"))
    assert vouched(names, from_below) == (["clinic.test"] if speaks else []), "the policy holds below, too"
    names.records["_dmarc.mail.clinic.test"] = "v=DMARC1; p=none" if not speaks else STRICT
    assert vouched(names, from_below) == ([] if speaks else ["clinic.test"]), "unless there is another one there"


def test_ab_11_while_the_demand_is_not_known_nobody_else_speaks_for_the_domain(names: NameServer) -> None:
    names.records["s1._domainkey.students.clinic.test"] = names.records["s1._domainkey.clinic.test"]
    names.broken.add("_dmarc.clinic.test")
    with pytest.raises(Unanswered):
        vouched(names, signed(letter(), "students.clinic.test"))
    assert vouched(names, signed(letter())) == ["clinic.test"]


@pytest.mark.parametrize(
    ("what", "by"),
    [("Здравствуйте".encode(), "Пришлите".encode()), (b"Subject: =", b"Subject: x="), (b"anna@", b"chief@")],
)
def test_ab_11_a_changed_mail_is_vouched_for_by_nobody(names: NameServer, what: bytes, by: bytes) -> None:
    raw = signed(letter(text="Здравствуйте", subject="Вопрос").replace(b"base64", b"8bit"))
    changed = signed(letter(text="Здравствуйте", subject="Вопрос"))
    body = changed.replace(what, by, 1) if what in changed else changed.replace(b"\n\n", b"\n\nAAAA\n", 1)
    assert vouched(names, raw) == ["clinic.test"] and vouched(names, body) == []


def test_ab_11_another_domains_signature_says_nothing_about_the_sender(names: NameServer) -> None:
    names.records["s1._domainkey.evil.test"] = names.records["s1._domainkey.clinic.test"]
    assert vouched(names, signed(letter(), "evil.test")) == []
    assert names.asked == []


@pytest.mark.parametrize(
    "fields", [[b"from"], [b"from", b"to"], [b"from", b"subject", b"date"]], ids=["from", "no subject", "no to"]
)
def test_ab_11_a_signature_that_leaves_much_open_says_nothing(names: NameServer, fields: list[bytes]) -> None:
    assert vouched(names, signed(letter(), fields=fields)) == []


def test_ab_01_addresses_added_behind_the_signature_void_it(names: NameServer) -> None:
    raw = signed(letter())
    assert vouched(names, b"Cc: evil@x.test\r\n" + raw) == []
    whole = signed(letter(Cc="vera@clinic.test"), fields=[*SIGNED, b"cc"])
    assert vouched(names, whole) == ["clinic.test"]


def test_ab_11_a_mail_to_somebody_else_cannot_be_sent_to_us_once_more(names: NameServer) -> None:
    assert vouched(names, signed(letter(to="somebody@else.test"))) == []
    assert vouched(names, signed(letter(to="accredo+1abc@desk.test"))) == ["clinic.test"]


LOOK_ALIKES = [
    "accredo@desk.test.evil.test",
    "notaccredo@desk.test",
    '"accredo@desk.test" <e@evil.test>',
    "e@evil.test (accredo@desk.test)",
    "accredo@desk.test <e@evil.test>",
]


@pytest.mark.parametrize("to", LOOK_ALIKES)
def test_ab_01_only_our_address_itself_means_us(names: NameServer, to: str) -> None:
    rest = letter(Cc="e@evil.test").partition(b"To: accredo@desk.test\n")
    raw = rest[0] + f"To: {to}\n".encode() + rest[2]
    assert vouched(names, signed(raw, fields=[*SIGNED, b"cc"])) == []


@pytest.mark.parametrize("domain", ["notclinic.test", "clinic.test.evil.test", "inic.test", "test"])
def test_ab_11_a_domain_that_only_looks_like_the_senders_says_nothing(names: NameServer, domain: str) -> None:
    names.records[f"s1._domainkey.{domain}"] = names.records["s1._domainkey.clinic.test"]
    assert vouched(names, signed(letter(), domain)) == []
    assert not is_vouched("anna@clinic.test", domain)
    other = letter(sender=f"anna@{domain}")
    assert vouched(names, signed(other)) == [] and not is_vouched(f"anna@{domain}", "clinic.test")


def test_ab_11_open_ends_and_old_hashes_say_nothing(names: NameServer) -> None:
    assert vouched(names, signed(letter(), length=True)) == []
    assert vouched(names, signed(letter(), signature_algorithm=b"rsa-sha1")) == []


def test_ab_11_a_signature_that_is_over_says_nothing(names: NameServer) -> None:
    assert vouched(names, expiring(letter(), time.time() - 60)) == []
    assert vouched(names, expiring(letter(), time.time() + 600)) == ["clinic.test"]


def expiring(raw: bytes, until: float) -> bytes:
    """Like `signed`, with an expiry (x=)."""

    class Signer(dkim.DKIM):  # type: ignore[misc]
        def gen_header(self, fields: list[tuple[bytes, bytes]], *others: object) -> bytes:
            fields.insert(3, (b"x", b"%d" % until))
            return bytes(super().gen_header(fields, *others))

    reader = Signer(raw)
    return bytes(reader.sign(b"s1", b"clinic.test", private(), include_headers=SIGNED)) + raw


RECORDS = [
    "",
    "v=DKIM1; p=",
    "v=DKIM1; k=rsa; t=y; p=KEY",
    "v=DKIM1; k=rsa; t=s:y; p=KEY",
    "v=DKIM1; s=other; p=KEY",
    "v=DKIM1; h=sha1; p=KEY",
    "v=DKIM2; p=KEY",
    "!!",
]


@pytest.mark.parametrize("record", RECORDS)
def test_ab_11_a_key_that_is_withdrawn_tried_out_or_broken_says_nothing(names: NameServer, record: str) -> None:
    names.records["s1._domainkey.clinic.test"] = record.replace("KEY", public())
    assert vouched(names, signed(letter())) == []


def test_ab_11_a_key_may_be_for_its_very_domain_alone(names: NameServer) -> None:
    names.records["s1._domainkey.clinic.test"] = f"v=DKIM1; t=s; p={public()}"
    assert vouched(names, signed(letter(), identity=b"@mail.clinic.test")) == []
    assert vouched(names, signed(letter(), identity=b"@clinic.test")) == ["clinic.test"]
    assert vouched(names, signed(letter())) == ["clinic.test"]


def test_without_an_answer_nothing_is_known_yet(names: NameServer) -> None:
    names.silent = True
    with pytest.raises(Unanswered):
        vouched(names, signed(letter()))
    names.silent = False
    assert vouched(names, signed(letter())) == ["clinic.test"]


@pytest.mark.parametrize("trouble", ["silent", "failing"])
def test_a_name_that_nobody_answers_for_holds_up_no_other(names: NameServer, trouble: str) -> None:
    (names.mute if trouble == "silent" else names.broken).add("s1._domainkey.evil.test")
    names.records["s1._domainkey.evil.test"] = names.records["s1._domainkey.clinic.test"]
    questions = Questions(Names([f"127.0.0.1:{names.port}"]).text)
    for _try in range(20):
        with pytest.raises(Unanswered):
            vouching_domains(signed(letter(sender="e@evil.test"), "evil.test"), BOX, questions.answer)
    assert known(questions, "s1._domainkey.clinic.test") is not None
    assert known(questions, "no.clinic.test") is None
    while questions.wait(5, questions.answered):
        pass
    # Asked by the first alone: once, and once more when half the time had passed.
    assert names.asked.count("s1._domainkey.evil.test") <= 2
    assert questions.is_open("s1._domainkey.evil.test"), "and not at once again"


def known(questions: Questions, name: str) -> bytes | None:
    """Return the answer, waiting for it up to 30 s."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            return questions.answer(name)
        except Unanswered:
            questions.wait(0.2, questions.answered)
    raise AssertionError(name)


def test_answers_are_remembered(names: NameServer) -> None:
    resolver = Names([f"127.0.0.1:{names.port}"])
    for _try in range(5):
        assert vouching_domains(signed(letter()), BOX, resolver.text) == ["clinic.test"]
    assert names.asked == ["s1._domainkey.clinic.test"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"DKIM-Signature: x",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=clinic.test; h=from:to:subject; s="
        + b"x" * 300
        + b"; b=!; bh=!\r\n"
        + _HEAD,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=clinic.test; h=from:to:subject; s=..; b=YQ==; bh=YQ==\r\n" + _HEAD,
        b"From: a@clinic.test\r\n" * 20000,
        b"\xff\xfe:\x00" * 1000,
    ],
)
def test_ab_93_hostile_mails_raise_nothing(names: NameServer, raw: bytes) -> None:
    begun = time.process_time()
    assert vouched(names, raw) == [] and time.process_time() - begun < 5


def test_many_signatures_cost_few_questions(names: NameServer) -> None:
    junk = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=clinic.test; s=k%d; h=from:to:subject; bh=YQ==; b=YQ==\r\n" % n
        for n in range(200)
    )
    assert vouched(names, junk + letter()) == [] and len(names.asked) <= 5


@pytest.mark.parametrize(("bits", "vouches"), [("768", []), ("1024", ["clinic.test"])])
def test_ab_11_a_key_that_is_soon_broken_vouches_for_nobody(names: NameServer, bits: str, vouches: list[str]) -> None:
    made = subprocess.run(["openssl", "genrsa", "-traditional", bits], capture_output=True, check=True)
    shown = subprocess.run(["openssl", "rsa", "-pubout"], input=made.stdout, capture_output=True, check=True)
    names.records["s1._domainkey.clinic.test"] = f"v=DKIM1; k=rsa; p={''.join(shown.stdout.decode().split()[3:-3])}"
    raw = letter(text="Здравствуйте")
    header = dkim.sign(raw, b"s1", b"clinic.test", made.stdout, include_headers=SIGNED)
    assert vouched(names, bytes(header) + raw) == vouches

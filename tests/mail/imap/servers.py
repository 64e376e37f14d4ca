"""A real Dovecot on 127.0.0.1 with TLS by a test authority, and proxies between it and the product."""

import contextlib
import datetime as dt
import getpass
import grp
import imaplib
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "пароль-CANARY-5512"

_CONF = """
base_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 100
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
_OAUTH = """
tokeninfo_url = {tokeninfo}
introspection_mode = auth
username_attribute = email
username_format = %u
debug = no
"""


@dataclass
class Dovecot:
    """One server. Every user name exists, with PASSWORD."""

    root: Path
    ssl: str = "yes"
    tokeninfo: str = "http://127.0.0.1:9/?t="
    port: int = 0
    tls_port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.root.chmod(0o711)
        (self.root / "mail").mkdir(parents=True, exist_ok=True)
        _give(self.root / "mail")
        (self.root / "run").mkdir(exist_ok=True)
        if not self.port:
            self.port, self.tls_port = free_port(), free_port()
        make_certificate(self.root, ["127.0.0.1"])
        conf = _CONF.format(root=self.root, ssl=self.ssl, port=self.port, tls_port=self.tls_port, **_identity())
        (self.root / "dovecot.conf").write_text(conf, encoding="utf-8")
        (self.root / "oauth2.conf").write_text(_OAUTH.format(tokeninfo=self.tokeninfo), encoding="utf-8")
        self._process = subprocess.Popen(
            [program(), "-F", "-c", str(self.root / "dovecot.conf")], stdin=subprocess.DEVNULL
        )
        self._wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    @property
    def authority(self) -> Path:
        """The certificate of the authority that signed the server's certificate."""
        return self.root / "ca.pem"

    def log(self) -> str:
        return (self.root / "log").read_text(encoding="utf-8", errors="replace")

    def as_user(self, user: str) -> imaplib.IMAP4:
        """Connect as the user, as another mail program would."""
        program = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        program.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        return program

    def put(
        self, user: str, *mails: bytes, folder: str = "INBOX", came: dt.datetime | None = None, flags: str = ""
    ) -> None:
        """Append mails to a folder, received at `came`."""
        when = imaplib.Time2Internaldate(came or dt.datetime.now(dt.UTC))
        with self.as_user(user) as program:
            for mail in mails:
                answer = program.append(folder, flags, when, mail)
                assert answer[0] == "OK", answer

    def numbers(self, user: str, query: str = "ALL", folder: str = "INBOX") -> list[int]:
        """Return the UIDs that match a search."""
        with self.as_user(user) as program:
            program.select(folder, readonly=True)
            uids = program.uid("SEARCH", query)[1][0]
            return [int(uid) for uid in (uids or b"").split()]

    def renumber(self, user: str) -> None:
        """Give the same mails a new UIDVALIDITY, as after a restored mail server."""
        box = self.root / "mail" / user
        first = (box / "dovecot-uidlist").read_text().split("\n", 1)[0]
        validity = next(word for word in first.split() if word.startswith("V"))
        for stale in box.glob("dovecot*"):
            stale.unlink()
        for mail in (box / "new").iterdir():
            mail.rename(box / "cur" / f"{mail.name}:2,")
        (box / "dovecot-uidlist").write_text(f"3 V{int(validity[1:]) + 7} N1000 G{os.urandom(16).hex()}\n")
        _give(box / "dovecot-uidlist")

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as link:
                if link.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        raise AssertionError(self.log())


def program() -> str:
    """Return the path of Dovecot, "" when it is not installed."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin") or ""


def _identity() -> dict[str, object]:
    """Return the users to run as: those of Debian's package under root, otherwise the current user."""
    me, mine = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    user, group, login = ("dovecot", "dovecot", "dovenull") if os.getuid() == 0 else (me, mine, me)
    who = {"user": user, "group": group, "login_user": login}
    return {**who, "uid": pwd.getpwnam(user).pw_uid, "gid": grp.getgrnam(group).gr_gid, "password": PASSWORD}


def _give(path: Path) -> None:
    who = _identity()
    shutil.chown(path, str(who["user"]), str(who["group"]))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def make_certificate(root: Path, names: list[str]) -> None:
    """Write cert.pem and key.pem for these names or addresses, signed by ca.pem."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives: list[x509.GeneralName] = []
    for name in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            alternatives.append(x509.DNSName(name))
    signed = (
        _builder(authority, authority, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _builder(own, authority, key.public_key())
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (root / "ca.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (root / "cert.pem").write_bytes(server.public_bytes(serialization.Encoding.PEM))
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (root / "key.pem").write_bytes(key.private_bytes(*encoding))


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    names = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    dated = names.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=2))
    return dated.public_key(key).serial_number(x509.random_serial_number())


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run `serve` in a thread at a free port while the block lasts; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


@dataclass
class Between:
    """A proxy to another port that records what the client sends and can cut the connection.

    `cut_after`: bytes from the server after which the connection is cut; reset by the first connection that gets so
    far, unless `always`.
    """

    target: int
    cut_after: int | None = None
    always: bool = False
    said: bytearray = field(default_factory=bytearray)
    connections: int = 0
    port: int = 0

    @contextlib.contextmanager
    def running(self) -> Iterator["Between"]:
        with listening(self._serve) as self.port:
            yield self

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = server.accept()
                self.connections += 1
                there = socket.create_connection(("127.0.0.1", self.target))
                threading.Thread(target=self._up, args=(here, there), daemon=True).start()
                threading.Thread(target=self._down, args=(there, here), daemon=True).start()

    def _up(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                self.said += data
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)

    def _down(self, there: socket.socket, here: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := there.recv(65536):
                if self.cut_after is not None and passed + len(data) > self.cut_after:
                    here.sendall(data[: self.cut_after - passed])
                    self.cut_after = self.cut_after if self.always else None
                    break
                passed += len(data)
                here.sendall(data)
        for end in (here, there):
            # close() alone does not end the connection while a thread still reads from it.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections and never answer; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])

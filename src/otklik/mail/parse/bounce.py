"""Non-delivery reports: RFC 3464, and the many that were written before or beside it."""

import re

from otklik.mail.parse import attachments, limits, mime, text_cleaning
from otklik.mail.parse.model import Bounce, FailedRecipient

_DAEMON = re.compile(
    r"mailer[-_. ]?daemon|mail[-_. ]?delivery|delivery (?:sub|sys)|mdaemon|microsoft ?exchange|"
    r"mailerdaemon|mail deliver system"
    r"|<>|система доставки|доставка почты|почтовая система|mail-?router|smtp ?server|"
    r"internet mail (?:service|delivery)|mmdf|courier mail server",
    re.I,
)
_PERHAPS_DAEMON = re.compile(
    r"postmaster|mail ?system|bounce|mail administrator|antispam|system ?administrator|mailgateway|"
    r"masteragent|webmaster|interscan|mail ?marshal|notification",
    re.I,
)
_SUBJECT = re.compile(
    r"(?:undeliver(?:ed|able)|undelivered mail|returned (?:mail|to sender|message)|"
    r"return(?:ed)? to sender|mail delivery (?:fail|problem|error|status|sub|system)|"
    r"delivery (?:status notification|failure|failed|has failed|error|problem|notification|report|"
    r"unsuccessful|to the following)"
    r"|failure (?:notice|delivery|notification)|non[- ]?(?:delivery|deliverable|remis)|"
    r"could not be delivered|cannot be delivered|not delivered|message (?:delivery failure|could not|"
    r"you sent blocked|undeliverable|status - undeliverable|delivery has failed)|mail (?:could not|"
    r"failure|failed|returned|system error|error)|(?:nondeliverable|unzustellbar|bounced|"
    r"failed) (?:mail|message)"
    r"|delivery .{0,20}fail|unable to deliver|undeliverable|user unknown|mailbox (?:full|unavailable)|"
    r"warning: could not|permanent(?: delivery)? (?:fail|error)|fatal error|nicht zustellbar|"
    r"unzustellbar|rückläufer|mail nicht|kan niet worden (?:afgeleverd|bezorgd)|onbestelbaar|non remis"
    r"|échec de la remise|no se (?:ha podido|puede) entregar|no entregado|impossibile recapitare|"
    r"mancata consegna"
    r"|недоставлен|не ?доставлен|не удает?с?я? ?доставить|не удаётся доставить|не удалось доставить|"
    r"ошибка доставки|сбой доставки|невозможно доставить|не может быть доставлен|возврат письма|"
    r"уведомление о (?:состоянии|недоставке)|не вдалося доставити|недоставлено|доставку не виконано"
    r"|não entregue|falha na entrega|niedostarczon|nie dostarczono|zwrot|nedoručiteln|teslim edilemedi"
    r"|olevererbart|uleverbar|ej levererat|toimittaminen epäonnistui|kézbesíthetetlen|退信|投递失败|无法送达|未送達"
    r"|配信できません|配信不能|送信できません|エラーメール|mail couldn't|out of space|rejected|spam mail|\[bounce\]|"
    r"address (?:change|unknown)|no such user|mail error|error sending|delivery err)",
    re.I,
)
_PERMANENT = re.compile(
    r"\b5\d\d[ \-#](?:\d\.\d\.\d|.)|\(#?5\.\d{1,3}\.\d{1,3}\)|\b5\.[0-7]\.\d{1,3}\b|user unknown|"
    r"unknown user|no such (?:user|mailbox|recipient|address|person)|mailbox (?:full|not found|"
    r"unavailable|does not exist|is full|disabled|unknown)|does(?: not|n't) exist|permanent (?:fatal |"
    r"delivery )?(?:error|fail)|permanently|wasn't able to deliver|could ?n[o']t (?:be )?deliver|"
    r"was not delivered|not (?:be )?delivered|undeliverable|unable to deliver|cannot deliver|"
    r"can't be delivered|couldn't be (?:delivered|found)|delivery (?:has )?failed|failed permanently|"
    r"given up|quota exceeded|over quota|address (?:rejected|unknown|not found|couldn't be found)|"
    r"recipient (?:rejected|unknown|not found|address rejected)|unrouteable|host (?:not found|unknown)"
    r"|message (?:rejected|was rejected|could not|not accepted)|out of space"
    r"|не удалось доставить|не может быть доставлен|не можем доставить|не доставлен|"
    r"невозможно доставить|не найден|не существует|переполнен|нет такого|сбой доставки|недоставлен|"
    r"не вдалося|nicht zugestellt|konnte nicht|unzustellbar|unbekannt|non remis|n'a pas pu|"
    r"n'existe pas|no se pudo|no existe|non è stato|inesistente|niet worden|存在しません|配信できません|不存在|无法",
    re.I,
)
_DELAY = re.compile(
    r"(?:message|mail|delivery|notification).{0,30}\bdelay|delay(?:ed)?\b.{0,20}(?:mail|message|"
    r"delivery|notif)|\(delay\)|still (?:being )?(?:retr|trying|undelivered)|will (?:be retried|"
    r"keep trying|continue to try|retry)|warning message only|not (?:yet )?been delivered|"
    r"could not send message for past|warning: could not send|no action is required|задерж|"
    r"ещё не доставлен|verzögert|retard|temporar(?:y|ily) fail.{0,80}will",
    re.I,
)
_RECEIPT = re.compile(
    r"^\s*(?:relayed:|delivered:|доставлено:|zugestellt:|remis ?:|read:|прочтено:|прочитано:|gelesen:|"
    r"lu ?:|delivery (?:status )?notification \(success|success(?:ful)? (?:mail )?delivery)",
    re.I,
)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=/\-]{1,64}@[A-Za-z0-9.\-]{1,255}")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s]{1,998})>")
_ORIGINAL_ID = re.compile(rb"(?im)^original-message-id:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s]{1,998})>")
_RECEIPTS = {"message/disposition-notification", "message/global-disposition-notification"}
_STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status", "message/feedback-report"}
_REPORT_PARTS = _RECEIPTS | _STATUS_PARTS
_FIELD_BLOCK = re.compile(r"\n\s*\n")
_TEXT = 20_000


def read(tree: mime.Tree, subject: str, sender: str, body: str) -> tuple[bool, Bounce | None]:
    """Return whether the mail reports a permanent failure, and its content. Delays and receipts are no failures."""
    report = _delivery_report(tree)
    if report is not None:
        actions, recipients = _recipients(report)
        failed = "failed" in actions or (not actions and _failed_without_action(report))
        if actions or recipients:
            return failed, _details(tree, recipients, body) if failed else None
    if _is_mdn(tree):
        return False, None
    failed = _by_words(tree, subject, sender, body[:_TEXT])
    return failed, _details(tree, _from_words(tree, body[:_TEXT]), body) if failed else None


def is_report(tree: mime.Tree) -> bool:
    """Return whether the mail is a report of any kind: delivered, delayed, read."""
    return tree.root.content_type == "multipart/report" or _delivery_report(tree) is not None or _is_mdn(tree)


def report_of(tree: mime.Tree) -> str:
    """Return what a report says about a mail, in the terms of RFC 3464 and 8098 (`failed`, `delayed`, `displayed`, …).

    "report" if it does not say, "" if the mail is no report: people forward reports with text of their own, so a report
    part counts only if it is the whole mail, or if the mail cannot be answered.
    """
    fields, kinds = tree.root.fields, {node.content_type for node in tree.leaves()} & _REPORT_PARTS
    whole = _unsigned(tree).content_type in {"multipart/report", *_REPORT_PARTS}
    nobody = fields.first("return-path").strip() == b"<>" or fields.text("auto-submitted").lower() not in {"", "no"}
    if not whole and not (kinds and nobody):
        return ""
    told = _delivery_report(tree)
    if told is not None and (actions := _recipients(told)[0]):
        return "failed" if "failed" in actions else min(actions)
    return _disposition(tree) or "report"


def _unsigned(tree: mime.Tree) -> mime.Node:
    """Return the entity that a signature is about, or the root of a mail without one."""
    root = tree.root
    return root.children[0] if root.content_type == "multipart/signed" and root.children else root


def _disposition(tree: mime.Tree) -> str:
    """Return the disposition of a receipt: `displayed`, `deleted`, …"""
    for node in tree.leaves():
        if node.content_type in _RECEIPTS:
            fields = _block_fields(
                text_cleaning.body(attachments.content_of(tree, node)[: limits.KIB * 64].decode("latin-1"))
            )
            return (
                fields.get("disposition", "").rpartition(";")[2].partition("/")[0].strip().lower()[:20] or "displayed"
            )
    return ""


def reported_ids(tree: mime.Tree) -> tuple[str, ...]:
    """Return the Message-IDs that a bounce or receipt is about, from the returned copy and the status part."""
    reported = [_original_id(tree)] if _has_original(tree) or tree.root.fields.first("x-failed-recipients") else []
    status_parts = [node for node in tree.leaves() if node.content_type in _RECEIPTS | _STATUS_PARTS]
    for node in status_parts[: limits.REFERENCES]:
        ids = _ORIGINAL_ID.findall(attachments.content_of(tree, node)[: limits.KIB * 64])
        reported += [text_cleaning.line(raw_id.decode("utf-8", "replace")) for raw_id in ids]
    return tuple(dict.fromkeys(reported_id for reported_id in reported if reported_id))[: limits.REFERENCES]


def _delivery_report(tree: mime.Tree) -> str | None:
    reports = [
        n for n in tree.leaves() if n.content_type in {"message/delivery-status", "message/global-delivery-status"}
    ]
    if not reports:
        return None
    return text_cleaning.body(attachments.content_of(tree, reports[0])[: limits.KIB * 256].decode("utf-8", "replace"))


def _is_mdn(tree: mime.Tree) -> bool:
    return (
        any(n.content_type == "message/disposition-notification" for n in tree.leaves())
        or b"disposition-notification" in tree.root.type_params.get("report-type", b"").lower()
    )


def _recipients(report: str) -> tuple[set[str], tuple[FailedRecipient, ...]]:
    """Return the actions in the report, and the recipients whose action is `failed`."""
    actions: set[str] = set()
    failed: list[FailedRecipient] = []
    for block in _FIELD_BLOCK.split(report)[: limits.ADDRESSES]:
        fields = _block_fields(block)
        action = fields.get("action", "").split("(")[0].split()[:1]
        if not action and "final-recipient" not in fields:
            continue
        actions.update(a.lower() for a in action)
        if action and action[0].lower() not in {"failed", "failure"}:
            continue
        if action and action[0].lower() == "failure":
            actions.add("failed")
        address = _ADDRESS.search(fields.get("final-recipient", "") or fields.get("original-recipient", ""))
        status = _STATUS.search(fields.get("status", ""))
        failed.append(
            FailedRecipient(
                address.group().lower() if address else "",
                status.group(1) if status else "",
                text_cleaning.line(fields.get("diagnostic-code", ""), 500),
            )
        )
    return actions, tuple(failed)


def _block_fields(block: str) -> dict[str, str]:
    values: dict[str, str] = {}
    last = ""
    for line in block.split("\n")[:200]:
        if line[:1] in {" ", "\t"} and last:
            values[last] += " " + line.strip()
        elif ":" in line:
            last, _, value = line.partition(":")
            last = last.strip().lower()
            values.setdefault(last, value.strip())
    return values


def _failed_without_action(report: str) -> bool:
    status = re.search(r"(?im)^status:\s*([245])\.", report)
    return status is not None and status.group(1) == "5"


def _by_words(tree: mime.Tree, subject: str, sender: str, body: str) -> bool:
    """Recognize reports without a machine-readable part, by sender, subject and text."""
    fields = tree.root.fields
    if _RECEIPT.match(subject) or _DELAY.search(subject):
        return False
    if fields.first("x-failed-recipients"):
        return True
    nobody = fields.first("return-path").strip() == b"<>"
    written = bool(fields.first("in-reply-to")) and not nobody
    daemon = (
        nobody or _DAEMON.search(sender) is not None or (_PERHAPS_DAEMON.search(sender) is not None and not written)
    )
    titled = _SUBJECT.search(subject[:200]) is not None
    report = tree.root.content_type == "multipart/report"
    if not (
        (daemon and (titled or report or _has_original(tree)))
        or (report and titled)
        or (daemon and _PERMANENT.search(body[:4000]))
    ):
        return False
    if _DELAY.search(body[:2500]) and not _PERMANENT.search(body):
        return False
    return _PERMANENT.search(body) is not None or titled


def _has_original(tree: mime.Tree) -> bool:
    return any(n.content_type in {"message/rfc822", "text/rfc822-headers"} for n in tree.leaves())


def _from_words(tree: mime.Tree, body: str) -> tuple[FailedRecipient, ...]:
    named = tree.root.fields.text("x-failed-recipients")
    status = _STATUS.search(body)
    addresses = [m.group().lower() for m in _ADDRESS.finditer(named or body[:3000])]
    unique = list(dict.fromkeys(addresses))[: 20 if named else 1]
    return tuple(FailedRecipient(address, status.group(1) if status else "", "") for address in unique)


def _details(tree: mime.Tree, recipients: tuple[FailedRecipient, ...], body: str) -> Bounce:
    first = recipients[0] if recipients else FailedRecipient("", "", "")
    return Bounce(recipients, first.status, first.diagnostic or text_cleaning.line(body[:300]), _original_id(tree))


def _original_id(tree: mime.Tree) -> str:
    """Return the Message-ID of the returned mail: from its part, else from the text below the report."""
    for node in tree.leaves():
        if node.content_type in {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}:
            match = _MESSAGE_ID.search(attachments.content_of(tree, node)[: limits.HEADER_BYTES])
            if match:
                return text_cleaning.line(match.group(1).decode("utf-8", "replace"))
    match = _MESSAGE_ID.search(tree.raw, tree.root.start, min(tree.root.end, tree.root.start + limits.HEADER_BYTES))
    return text_cleaning.line(match.group(1).decode("utf-8", "replace")) if match else ""

"""The parser's entry point: raw bytes in, one ParsedMail out."""

from dataclasses import replace

from otklik.mail.parse import (
    addresses,
    auto_replies,
    body,
    bounce,
    budget,
    charset,
    filename,
    forwarded_text,
    header_ambiguity,
    headers,
    html,
    layout,
    limits,
    mime,
    reply,
    text_cleaning,
    truncations,
)
from otklik.mail.parse.header_block import Fields
from otklik.mail.parse.model import Address, ParsedMail, Part


def parse(raw: bytes) -> ParsedMail:
    """Parse a mail. Pure; never raises for any input; bounded by `limits`.

    Whatever could not be read is named in `defects`. Does no lookups, does not sanitize HTML and does not authenticate
    the sender.
    """
    try:
        return attempt(raw)
    except MemoryError:
        return _last_resort(raw[: limits.MIB], "the mail needs too much memory to be read")


def attempt(raw: bytes) -> ParsedMail:
    """Like `parse`, but raises MemoryError, for callers that can give the mail more memory."""
    try:
        with budget.one_mail():
            return _parse(raw)
    except MemoryError:
        raise
    except Exception as broken:
        return _last_resort(raw, f"the mail could not be read fully ({type(broken).__name__})")


def _parse(raw: bytes) -> ParsedMail:
    tree = mime.read(raw)
    fields, collected = tree.root.fields, body.collect(tree)
    hint = body.mail_hint(tree)
    whole, rendered, source = body.readable(collected)
    wordless = not body.is_visible(reply.without_signature(whole))
    replying = bool(fields.first("in-reply-to") or fields.first("references"))
    inner = forwarded_text.text_of(collected.parts) if wordless or replying else ""
    if wordless and inner:
        whole = f"{inner}\n\n{whole.strip()}" if body.is_visible(whole) else inner
        rendered, collected.plain, collected.flow = None, [whole], []
    uncut = headers.whole_subject(fields, hint)
    subject = headers.cut_subject(uncut)
    trimmed = _trimmed(whole, rendered, bool(collected.plain), subject, replying=replying)
    author = addresses.read_from(fields.all("from"), hint)
    is_bounce, details = bounce.read(tree, subject, f"{author.name} {author.claim}", whole)
    if uncut != subject:
        # The rest of a subject that is too long is put above the text.
        whole, trimmed = (
            f"{uncut}\n\n{whole}",
            reply.Trimmed(f"{uncut}\n\n{trimmed.reply}", trimmed.quoted, found=trimmed.found),
        )
    results, above = headers.authentication(fields)
    shown, to, cc = text_cleaning.storable(whole), _people(fields, "to", hint), _people(fields, "cc", hint)
    left_out = truncations.cuts_of(
        [*budget.spent().remarks(), *tree.defects, *collected.defects],
        text=shown,
        size=len(raw),
        addressees=max(len(to), len(cc)),
        truncated=tree.truncated or collected.truncated or bool(budget.spent().refused),
    )
    return ParsedMail(
        from_address=author.identity,
        from_claim=author.claim,
        from_name=author.name,
        from_malformed=author.malformed,
        sender=headers.one_address(fields, "sender", hint),
        reply_to=headers.one_address(fields, "reply-to", hint),
        claims=headers.claims(fields, author, hint),
        to=to,
        cc=cc,
        subject=subject,
        text=layout.without_tokens(shown[: limits.TEXT_CHARS]),
        reply_text=layout.without_tokens(text_cleaning.storable(trimmed.reply))[: limits.TEXT_CHARS],
        quoted_text=text_cleaning.storable(trimmed.quoted)[: limits.TEXT_CHARS],
        html=source,
        parts=tuple(_titled(part) for part in collected.parts),
        message_id=headers.message_id(fields),
        in_reply_to=headers.ids(fields.first("in-reply-to"))[: limits.REFERENCES],
        references=headers.references(fields),
        date_claim=headers.date(fields),
        is_auto_reply=auto_replies.is_auto_reply(
            fields, subject, is_bounce=is_bounce, is_report=bounce.is_report(tree)
        ),
        is_bounce=is_bounce,
        bounce=details,
        # Accepting an invitation writes no text: the calendar program replies (RFC 5546, 3.2.3).
        answers_itself=auto_replies.answers_itself(fields) or (wordless and forwarded_text.is_calendar_answer(tree)),
        report=bounce.report_of(tree),
        reported_ids=bounce.reported_ids(tree),
        names_failed=bool(fields.first("x-failed-recipients")),
        auto_submitted=headers.plain(fields, "auto-submitted"),
        is_generated=auto_replies.is_generated(fields),
        precedence=headers.plain(fields, "precedence"),
        list_id=headers.plain(fields, "list-id"),
        return_path=headers.return_path(fields),
        received_count=len(fields.all("received")),
        x_loop=headers.plain(fields, "x-loop"),
        x_auto_response_suppress=headers.plain(fields, "x-auto-response-suppress"),
        x_otklik_desk=headers.plain(fields, "x-otklik-desk"),
        authentication_results=results,
        authentication_results_above_received=above,
        one_reading=header_ambiguity.has_one_reading(raw, fields),
        signatures=header_ambiguity.signatures(fields.items, tree.body(tree.root)),
        marked_text=_marked(whole, rendered),
        attached_text="" if wordless else text_cleaning.storable(inner)[: limits.TEXT_CHARS],
        encrypted=collected.encrypted,
        layout=() if wordless and inner else _laid_out(collected, source, uncut if uncut != subject else ""),
        language=body.language(trimmed.reply or whole),
        defects=tuple(dict.fromkeys([*budget.spent().remarks(), *tree.defects, *collected.defects]))[:50],
        cuts=left_out,
        truncated=bool(left_out),
    )


def _people(fields: Fields, name: str, hint: str) -> tuple[Address, ...]:
    return addresses.parse_list(b", ".join(fields.all(name)), hint)


def _laid_out(collected: body.Body, source: str | None, above: str) -> tuple[str, ...]:
    lines = tuple(text_cleaning.storable(line) for line in body.laid_out(collected, source))
    return (layout.OWN + text_cleaning.storable(above), layout.OWN, *lines) if lines and above else lines


def _titled(part: Part) -> Part:
    """Return the part with a title derived from its content if it has no name."""
    made = "" if part.name else forwarded_text.title(part).replace("/", "_").replace("\\", "_")
    return replace(part, title=filename.short(filename.clean(made))) if made else part


def _trimmed(
    whole: str, rendered: html.Rendered | None, has_plain: bool, subject: str, *, replying: bool
) -> reply.Trimmed:
    """Return the new text: of the plain text if that marks its quotations, else of the HTML if that does."""
    if not has_plain and rendered is not None and rendered.marked:
        return reply.trim(rendered.marked, subject=subject, unsure=not replying)
    plain = reply.trim(whole, subject=subject)
    if plain.found or rendered is None or not rendered.has_marks:
        return plain
    marked = reply.trim(rendered.marked, subject=subject, unsure=not replying)
    return marked if marked.found and marked.reply.strip() else plain


def _marked(whole: str, rendered: html.Rendered | None) -> str:
    """Return the HTML's text with quotations marked, if the mail's text is taken from it."""
    if rendered is None or not rendered.marked or whole != rendered.text:
        return ""
    return text_cleaning.storable(rendered.marked)[: limits.TEXT_CHARS]


def _last_resort(raw: bytes, remark: str) -> ParsedMail:
    """Return a mail that could not be parsed, as plain text."""
    shown = text_cleaning.body(charset.decode(raw[: limits.TEXT_CHARS], ""))
    return ParsedMail(
        from_address=None,
        from_claim="",
        from_name="",
        from_malformed=True,
        sender=None,
        reply_to=None,
        claims=(),
        to=(),
        cc=(),
        subject="",
        text=shown,
        reply_text=shown,
        quoted_text="",
        html=None,
        parts=(),
        message_id="",
        in_reply_to=(),
        references=(),
        date_claim=None,
        is_auto_reply=False,
        is_bounce=False,
        bounce=None,
        answers_itself=False,
        report="",
        reported_ids=(),
        names_failed=False,
        auto_submitted="",
        is_generated=False,
        precedence="",
        list_id="",
        return_path=None,
        received_count=0,
        x_loop="",
        x_auto_response_suppress="",
        x_otklik_desk="",
        authentication_results=(),
        authentication_results_above_received=0,
        one_reading=False,
        signatures=(),
        marked_text="",
        attached_text="",
        encrypted=False,
        layout=(),
        language=None,
        defects=(remark,),
        cuts=(truncations.OTHER,),
        truncated=True,
    )

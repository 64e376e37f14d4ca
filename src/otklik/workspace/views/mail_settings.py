"""The settings of a desk's mail: delivery, texts, previews."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.commands.mail import change_mail
from otklik.desks.commands.settings import write_mail_text
from otklik.desks.models import Desk
from otklik.notify.commands.sample_mail import send_sample
from otklik.notify.texts.answer_placeholders import field_places
from otklik.notify.texts.mail_kinds import BY_NAME, LANGUAGES, MailKind, Text, default_text
from otklik.notify.texts.overrides import own_texts, text_of
from otklik.notify.texts.preview import preview as mail_preview
from otklik.tickets.access import ticket_for_agent
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.ui.sandboxed_html import sandboxed_page
from otklik.workspace.forms.mail_settings import MailSettingsForm, MailTextForm
from otklik.workspace.pages.mail_settings import kind_rows, text_page
from otklik.workspace.view_access import actor_of, for_leads, person_of
from otklik.workspace.views.settings import show_settings

TEMPLATE, TEXT_TEMPLATE = "workspace/settings/mail.html", "workspace/settings/mail_text.html"


@for_leads("GET", "POST")
def mail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Settings of mail: request types, hold time, sender, kinds of mail, and the list of their texts."""
    form = MailSettingsForm(desk, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = change_mail(
            actor=actor_of(request), at=timezone.now(), desk=desk, values=form.values(), types=form.types()
        )
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
        return redirect("workspace:settings_mail", key=desk.key)
    status = 422 if form.is_bound else 200
    return show_settings(request, desk, "settings_mail", TEMPLATE, status=status, form=form, kinds=kind_rows(desk))


@for_leads("GET", "POST")
def text(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Edit the text of a kind of mail in one language. 422 with the mistakes next to their fields."""
    mail_kind, language, own = _kind(kind), _language(request, desk), own_texts(desk)
    answers = field_places(mail_kind, desk)
    if request.method != "POST":
        current = text_of(mail_kind, language, own)
        start = {"language": language, "subject": current.subject, "body": current.body}
        form = MailTextForm(mail_kind, answers, initial=start)
    else:
        form = MailTextForm(mail_kind, answers, request.POST)
        if form.is_valid():
            return _saved(request, desk, mail_kind, form)
    status = 422 if form.is_bound else 200
    page = text_page(desk, mail_kind, language, own, answers)
    return show_settings(request, desk, "settings_mail", TEXT_TEMPLATE, status=status, form=form, page=page)


@for_leads("POST")
def reset(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Restore the default text; the change history can undo that."""
    mail_kind, language = _kind(kind), _language(request, desk)
    write_mail_text(
        actor=actor_of(request),
        at=timezone.now(),
        desk=desk,
        kind=mail_kind.name,
        language=language,
        subject="",
        body="",
    )
    messages.success(request, _("The default words hold again. The change history keeps yours."))
    return redirect(_address(desk, mail_kind, language))


@for_leads("GET", "POST")
def preview(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Render the mail for the frame next to the text. GET: the saved text; POST: the text as typed."""
    mail_kind, language = _kind(kind), _language(request, desk)
    current = text_of(mail_kind, language, own_texts(desk))
    typed = request.POST if request.method == "POST" else {"language": language, **_fields(current)}
    form = MailTextForm(mail_kind, field_places(mail_kind, desk), typed)
    context: dict[str, object] = {"errors": [], "letter": None}
    if form.is_valid():
        ticket = _ticket(request, desk)
        letter = mail_preview(mail_kind, language, form.text(), desk=desk, reader=person_of(request), ticket=ticket)
        # Rendered by notify.texts, which escapes all values; in addition the frame forbids scripts.
        inside = letter.html.partition("<body")[2].partition(">")[2].partition("</body>")[0]
        context |= {"letter": letter, "html": SafeString(inside)}
    else:
        context["errors"] = [error for errors in form.errors.values() for error in errors]
    return sandboxed_page(SafeString(render_to_string("workspace/mails/preview.html", context)))


@for_leads("POST")
def sample(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Mail the text as typed to the person's own address. Saves nothing."""
    mail_kind, language = _kind(kind), _language(request, desk)
    answers = field_places(mail_kind, desk)
    form = MailTextForm(mail_kind, answers, request.POST)
    status = 422
    if form.is_valid() and not ratelimit.consume(request, action="sample", user=person_of(request)):
        form.add_error(None, _("You have sent yourself many mails within an hour. Wait a little, then try again."))
    elif form.is_valid():
        status = _sent(request, desk, mail_kind, language, form)
    page = text_page(desk, mail_kind, language, own_texts(desk), answers)
    return show_settings(request, desk, "settings_mail", TEXT_TEMPLATE, status=status, form=form, page=page)


def _sent(request: HttpRequest, desk: Desk, kind: MailKind, language: str, form: MailTextForm) -> int:
    letter = mail_preview(
        kind, language, form.text(), desk=desk, reader=person_of(request), ticket=_ticket(request, desk)
    )
    try:
        address = send_sample(actor=actor_of(request), at=timezone.now(), desk=desk, letter=letter, language=language)
    except UnableTo as refusal:
        form.add_error(None, refusal_words(refusal))
        return 422
    messages.success(request, _("The mail is on its way to %(address)s. Nothing was saved.") % {"address": address})
    return 200


def _saved(request: HttpRequest, desk: Desk, kind: MailKind, form: MailTextForm) -> HttpResponse:
    typed_text, language = form.text(), form.cleaned_data["language"]
    default = default_text(kind.name, language)
    changed = write_mail_text(
        actor=actor_of(request),
        at=timezone.now(),
        desk=desk,
        kind=kind.name,
        language=language,
        subject="" if typed_text.subject == default.subject else typed_text.subject,
        body="" if typed_text.body == default.body else typed_text.body,
    )
    messages.success(request, _("The words are saved.") if changed else _("Nothing was changed."))
    return redirect(_address(desk, kind, language))


def _address(desk: Desk, kind: MailKind, language: str) -> str:
    return f"{reverse('workspace:settings_mail_text', args=[desk.key, kind.name])}?language={language}"


def _fields(mail_text: Text) -> dict[str, str]:
    return {"subject": mail_text.subject, "body": mail_text.body}


def _kind(name: str) -> MailKind:
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name]


def _language(request: HttpRequest, desk: Desk) -> str:
    wanted = request.POST.get("language") or request.GET.get("language") or desk.language
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _ticket(request: HttpRequest, desk: Desk) -> Ticket | None:
    """Return the ticket of this desk whose values the preview shows, or None."""
    key = request.POST.get("ticket", "").strip()
    ticket = ticket_for_agent(request.user, f"{desk.key}-{key}" if key.isdigit() else key) if key else None
    return ticket if ticket is not None and ticket.desk_id == desk.pk else None

"""Views of the demo's post office: read sent mail, write as a customer. No login; only when the demo is on."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from otklik.core.upload_views import takes_files
from otklik.demo.forms import LetterForm
from otklik.demo.send_mail import UnableToPost, post, reply_subject
from otklik.mail.models import OutboundMail
from otklik.ui.paging import pages_of

PER_PAGE = 25
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'self'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """List outgoing mails, newest first; `q` filters by recipient."""
    wanted = request.GET.get("q", "").strip()[:200]
    rows = OutboundMail.objects.order_by("-id").defer("text", "html")
    if wanted:
        rows = rows.filter(recipient__icontains=wanted)
    number = request.GET.get("page", "1")
    page = pages_of(
        number=int(number) if number.isdecimal() and len(number) < 7 else 1,
        per_page=PER_PAGE,
        total=rows.count(),
        query={"q": wanted},
    )
    shown = rows[page.first - 1 : page.last] if page.total else []
    return render(request, "demo/mails.html", {"rows": shown, "page": page, "wanted": wanted})


@require_GET
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show an outgoing mail, with its HTML in a frame."""
    letter = get_object_or_404(OutboundMail, pk=mail_id)
    return render(request, "demo/mail.html", {"mail": letter, "files": letter.files.order_by("id")})


@require_GET
def frame(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Return a mail's HTML in a sandbox that only lets links open a new window."""
    letter = get_object_or_404(OutboundMail.objects.exclude(html=""), pk=mail_id)
    response = HttpResponse(re.sub(r"<head>", '<head><base target="_blank">', letter.html, count=1))
    response["Content-Security-Policy"] = CSP
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "POST"])
@takes_files
def write(request: HttpRequest) -> HttpResponse:
    """Write a mail, or a reply to `reply`; POST sends it to the intake."""
    answered = _answered(request)
    goes_to = (answered.reply_to or answered.sender) if answered else ""
    if request.method != "POST":
        return _form(request, LetterForm(initial=_initial(answered), answering=goes_to), answered)
    form = LetterForm(request.POST, request.FILES, answering=goes_to)
    if not form.is_valid():
        return _form(request, form, answered, 422)
    try:
        post(form.cleaned_data, answered)
    except UnableToPost as error:
        form.add_error(None, _("The mail was not taken: %(words)s") % {"words": error})
        return _form(request, form, answered, 422)
    messages.success(request, _("The mail is on its way. In a moment its answer stands here."))
    return redirect("demo:mails")


def _answered(request: HttpRequest) -> OutboundMail | None:
    asked = request.POST.get("reply") or request.GET.get("reply") or ""
    return get_object_or_404(OutboundMail, pk=int(asked)) if asked.isdecimal() and len(asked) < 19 else None


def _initial(answered: OutboundMail | None) -> dict[str, str]:
    if answered is None:
        return {}
    name = answered.person.name if answered.person else ""
    return {"from_address": answered.recipient, "from_name": name, "subject": reply_subject(answered)}


def _form(request: HttpRequest, form: LetterForm, answered: OutboundMail | None, status: int = 200) -> HttpResponse:
    return render(request, "demo/write.html", {"form": form, "answered": answered}, status=status)

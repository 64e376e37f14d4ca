"""The mail ledger: list, one mail, its parts and bytes, sender rules. Read-only."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.desks.models import Desk
from otklik.intake.commands.base import UnableToAct, require_original
from otklik.intake.leaked_links import hidden_in, shown_mail
from otklik.intake.parse_workers import read
from otklik.mail.models import InboundMail
from otklik.mail.parse.child_process import UnableToParse
from otklik.ui.downloads import generated_file
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.ledger import TargetForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.ledger import rules_of
from otklik.workspace.pages.ledger import ledger_page
from otklik.workspace.pages.move_targets import targets_for
from otklik.workspace.pages.received_mail import Parts, mail_page, parts_of
from otklik.workspace.view_access import for_desk, for_mail, person_of

TEMPLATE = "workspace/ledger_mail.html"


@for_desk("GET")
def ledger(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List all mails received for the desk with their outcome."""
    query = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
    return render(request, "workspace/ledger.html", {"page": ledger_page(desk=desk, query=query, at=timezone.now())})


@for_mail("GET")
def received_mail(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Show one received mail: its content, headers, and what was done with it."""
    return show(request, desk, mail)


def show(
    request: HttpRequest,
    desk: Desk,
    mail: InboundMail,
    *,
    attach: TargetForm | None = None,
    parts: Parts | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a mail; `attach`: the form with errors, `parts`: its parsed parts, if asked for."""
    form = attach or TargetForm()
    targets = targets_for(person_of(request), desk.pk, str(form["ticket"].value() or ""))
    if targets.rows:
        form.errors.clear()  # the search found tickets to choose from, so there is no error
    context = {"page": mail_page(desk, mail), "attach": form, "targets": targets, "parts": parts}
    return render(request, TEMPLATE, context, status=status)


@for_mail("GET")
def parts(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Parse the mail in a separate process and list its parts; htmx gets only the list."""
    try:
        require_original(mail)
        parsed = read(mail)
        with hidden_in(bytes(mail.raw)):
            listed = parts_of(parsed)
    except UnableToAct as gone:
        listed = Parts([], 0, [], "", "", refusal_words(gone))
    except UnableToParse as error:
        trouble = _("The mail cannot be read: %(reason)s") % {"reason": error.reason}
        listed = Parts([], 0, [], "", "", trouble)
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "parts", {"parts": listed})
    return show(request, desk, mail, parts=listed)


@for_mail("GET")
def eml(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponseBase:
    """Return the mail as a download (AB-67), with links that grant access blanked (AB-29)."""
    if mail.raw_removed_at is not None:
        raise Http404
    return generated_file(data=shown_mail(bytes(mail.raw)), name=f"{desk.key}-mail-{mail.pk}.eml")


@for_desk("GET")
def senders(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the senders that the desk blocks or allows."""
    return render(request, "workspace/senders.html", {"desk": desk, "rules": rules_of(desk)})


def back_to(desk: Desk, mail: InboundMail) -> HttpResponse:
    """Redirect to the mail's page."""
    return redirect("workspace:ledger_mail", key=desk.key, inbound_id=mail.pk)

"""The whole mail of a reply as it is typed, on a page of its own."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.notify.texts.reply_preview import ReplyMail, reply_mail
from otklik.tickets.answers.files import owner_of
from otklik.tickets.content import Recipients, written
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.ui.sandboxed_html import sandboxed_page
from otklik.workspace.forms.message import MessageForm
from otklik.workspace.pending import step_for
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("POST")
@takes_files
def preview(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Show the mail that the posted reply would become. Writes nothing."""
    form = MessageForm(request.POST, request.FILES, auto_id="reply_%s", owner=owner_of(person_of(request)))
    errors = [] if form.is_valid() else [error for errors in form.errors.values() for error in errors]
    try:
        mail = None if errors else _mail(request, ticket, form)
    except UnableTo as refusal:
        mail, errors = None, [refusal_words(refusal)]
    if mail is None:
        said = errors or [_("Nobody would get a mail of this reply.")]
        return _page({"errors": said, "letter": None})
    # Rendered by notify.texts, which escapes all values; in addition the page forbids scripts.
    inside = mail.letter.html.partition("<body")[2].partition(">")[2].partition("</body>")[0]
    return _page({"errors": [], "letter": mail.letter, "mail": mail, "html": SafeString(inside)})


def _mail(request: HttpRequest, ticket: Ticket, form: MessageForm) -> ReplyMail | None:
    typed = form.cleaned_data
    return reply_mail(
        actor=actor_of(request),
        at=timezone.now(),
        ticket=ticket,
        words=written(typed["comment"]),
        step=step_for(ticket, typed["step"]),
        recipients=Recipients(tuple(typed["left_out"]), tuple(typed["added"])),
    )


def _page(context: dict[str, object]) -> HttpResponse:
    return sandboxed_page(SafeString(render_to_string("workspace/mails/preview.html", context)))

"""«Прокомментировать запрос…»"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.once import once
from otklik.portal.entrance import actor_of, for_ticket, person_of
from otklik.portal.forms.ticket import CommentForm
from otklik.portal.refusals import refusal_words
from otklik.portal.views.card import show_card
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.comment import comment as add_comment
from otklik.tickets.models import Ticket
from otklik.tickets.uploads import kept_files


@for_ticket("POST")
def comment(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Say something publicly. Sent twice, said once; refused, 422 with the words kept."""
    form = CommentForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_card(request, ticket, comment=form, status=422)
    try:
        place = _say(request, ticket, form)
    except UnableTo as error:
        form.add_error("comment", refusal_words(error))
        return show_card(request, ticket, comment=form, status=422)
    messages.success(request, _("Your comment is added."))
    return redirect(place)


def _say(request: HttpRequest, ticket: Ticket, form: CommentForm) -> str:
    at, words = timezone.now(), form.cleaned_data
    files = kept_files(words["attachments"])

    def act() -> str:
        message = add_comment(actor=actor_of(request), at=at, ticket=ticket, words=Words(words["comment"]), files=files)
        return f"{reverse('portal:card', args=[ticket.desk_id, ticket.key])}#message-{message.pk}"

    content = [f"comment {ticket.pk}", words["comment"], *(f"{file.name} {file.digest}" for file in files)]
    return once(nonce=words["nonce"], owner=person_of(request).pk, content=content, at=at, act=act)

"""Open a ticket without an account, where the desk allows it; it must be confirmed by a mailed link (AB-90)."""

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from otklik.core.idempotency import new_nonce
from otklik.core.locks import lock_word
from otklik.desks.models import Desk, RequestType
from otklik.desks.texts import text_of
from otklik.notify.account_mails import worded_mail
from otklik.notify.account_texts import confirm_request as confirm_words
from otklik.portal.forms.ticket import NewRequestForm
from otklik.portal.pages.create import create_page, request_form
from otklik.portal.secret_pages import sealed
from otklik.portal.view_access import for_everybody
from otklik.portal.views.reset_password import gone
from otklik.tickets.commands.unconfirmed import (
    UnableToConfirm,
    confirm_request,
    held_request,
    hold_request,
    is_too_often,
)

KIND = "confirm_request"
FILES_AT_ONCE, BYTES_AT_ONCE, BYTES_AN_HOUR = 10, 25 * 1024 * 1024, 200 * 1024 * 1024


def without_account(request: HttpRequest, desk: Desk, kind: RequestType) -> HttpResponseBase:
    """GET: the form.

    POST: mail a confirmation link to the address, whoever has it. 422 if the form is invalid, 429 after too many.
    """
    if request.method != "POST":
        form = request_form(desk, kind, None, initial={"nonce": new_nonce()})
        return _page(request, desk, kind, form)
    may = bool(ratelimit.consume(request, action="anonymous"))
    has_room = may and _has_room(request)
    form = request_form(desk, kind, None, request.POST, request.FILES if has_room else None)
    if not may:
        form.add_error(None, _("Too many requests without login came from your network. Send this again in an hour."))
        return _page(request, desk, kind, form, status=429)
    is_valid = form.is_valid()
    if not has_room:
        form.add_error(
            None, _("Too many or too large files without login: 10 files and 25 MB at once, 200 MB an hour.")
        )
    elif is_valid and not _hold(desk, kind, form):
        # The same for every address, so that it does not reveal accounts (AB-29).
        sentence = _(
            "A link was sent to this address just now, or several today. Open the last one, or try again later; what "
            "you have written stays here."
        )
        form.add_error("email", sentence)
    if form.errors:
        return _page(request, desk, kind, form, status=422)
    return redirect("portal:check_mail", desk.pk)


@for_everybody("GET")
def check_mail(request: HttpRequest, desk_id: int) -> HttpResponse:
    """«Проверьте почту»: the same for known, unknown and rate-limited addresses (AB-29)."""
    return render(request, "portal/check_mail.html", {"desk_id": desk_id})


@for_everybody("GET", "POST")
def confirm(request: HttpRequest, secret: str) -> HttpResponseBase:
    """GET: show the request.

    POST: open the ticket. GET changes nothing, because scanners open links; nobody is logged in.
    """
    try:
        held = held_request(secret=secret, at=timezone.now())
        key = held.ticket_key
        if request.method == "POST":
            key = confirm_request(secret=secret, at=timezone.now()).key
    except UnableToConfirm:
        return gone(request)
    desk = held.request_type.desk
    context = {"row": held, "key": key, "desk_id": desk.pk, "desk": text_of(desk, "name")}
    return sealed(render(request, "portal/confirm_request.html", context))


def _has_room(request: HttpRequest) -> bool:
    """Return whether the files are within the limits for anonymous uploads (AB-97), per request and per hour."""
    sizes = [file.size or 0 for name in request.FILES for file in request.FILES.getlist(name)]
    if len(sizes) > FILES_AT_ONCE or sum(sizes) > BYTES_AT_ONCE:
        return False
    key = f"anonymous-files-{get_ip(request)}-{timezone.now():%Y%m%d%H}"
    with transaction.atomic():
        # The cache cannot add atomically: without the lock, concurrent uploads would count as one.
        lock_word(key)
        taken = int(cache.get(key, 0)) + sum(sizes)
        cache.set(key, taken, 3600)
    return taken <= BYTES_AN_HOUR


def _hold(desk: Desk, kind: RequestType, form: NewRequestForm) -> bool:
    """Store the request and queue the mail with its link; return False if the address got too many links."""
    at, address = timezone.now(), str(form.cleaned_data["email"])
    with transaction.atomic():
        if is_too_often(address, at):
            return False
        secret = hold_request(
            at=at,
            request_type=kind,
            address=address,
            name=form.cleaned_data["name"],
            language=translation.get_language() or settings.LANGUAGE_CODE,
            subject=form.said("summary"),
            text=form.said("description"),
            answers=form.kept_answers(),
            files=form.sent_files(),
        )
        link = settings.PUBLIC_URL + reverse("portal:confirm", args=[secret])
        worded_mail(
            person=None,
            recipient=address,
            kind=KIND,
            words=lambda: confirm_words(text_of(desk, "name"), link),
            at=at,
        )
    return True


def _page(
    request: HttpRequest, desk: Desk, kind: RequestType, form: NewRequestForm, status: int = 200
) -> HttpResponseBase:
    assert isinstance(request.user, AnonymousUser)
    return render(request, "portal/create.html", {"page": create_page(desk, kind, form)}, status=status)

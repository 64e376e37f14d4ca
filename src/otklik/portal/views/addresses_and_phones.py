"""«Адреса и телефоны»: the reader's mail addresses and phone numbers."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.intake.commands.release_held import release_held_mails
from otklik.mail.commands.outbox import clear_address
from otklik.notify.commands import addresses
from otklik.people.commands.addresses import UnableToProve, address_to_prove
from otklik.people.commands.phones import add_phone, remove_phone
from otklik.people.queries import addresses_of
from otklik.portal.forms.profile import AddressForm, PhoneForm
from otklik.portal.other_sessions import log_others_out
from otklik.portal.pages import profile as pages
from otklik.portal.reauthentication import needs_recent_login
from otklik.portal.view_access import actor_of, for_everybody, for_persons, person_of
from otklik.portal.views.reset_password import gone
from otklik.ui.refusal_words import refusal_words

KEY = "address"


@for_persons("GET")
def contacts(request: HttpRequest) -> HttpResponseBase:
    """List addresses and phones, each with a form to add one."""
    return _page(request)


@for_persons("POST")
@needs_recent_login
def add_address(request: HttpRequest) -> HttpResponseBase:
    """Mail a verification link to another address; the answer does not tell whether anybody has it (AB-31)."""
    person = person_of(request)
    if not ratelimit.consume(request, action="manage_email", user=person):
        return render(request, "429.html", status=429)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, address=form, status=422)
    try:
        address = addresses.ask_for_address(
            actor=actor_of(request), at=timezone.now(), person=person, address=form.cleaned_data["email"]
        )
    except UnableTo as error:
        form.add_error("email", refusal_words(error))
        return _page(request, address=form, status=422)
    messages.success(request, _("A mail is on its way to %(address)s. Follow its link.") % {"address": address})
    return redirect("portal:contacts")


@for_everybody("GET")
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Move the secret from the URL into the session (AB-33); it is checked after the login."""
    request.session[KEY] = secret
    response: HttpResponse = redirect("portal:confirm_address")
    response["Referrer-Policy"] = "no-referrer"
    return response


@for_persons("GET", "POST")
def confirm_address(request: HttpRequest) -> HttpResponseBase:
    """GET: show the address. POST: add it. Only for the person who asked for the link."""
    person, secret = person_of(request), str(request.session.get(KEY, ""))
    try:
        if request.method != "POST":
            address = address_to_prove(secret=secret, person=person, at=timezone.now())
            return render(request, "portal/confirm_address.html", {"person": person, "address": address})
        address = addresses.prove_address(actor=actor_of(request), at=timezone.now(), person=person, secret=secret)
    except UnableToProve:
        return gone(request)
    del request.session[KEY]
    messages.success(request, _yours(address, release_held_mails(at=timezone.now(), person=person, address=address)))
    return redirect("portal:contacts")


def _yours(address: str, let_in: int) -> str:
    notice = _("%(address)s is yours now.") % {"address": address}
    if not let_in:
        return notice
    more = ngettext(
        "%(count)d mail from it that waited is part of your request now.",
        "%(count)d mails from it that waited are part of your requests now.",
        let_in,
    )
    return notice + " " + more % {"count": let_in}


@for_persons("POST")
@needs_recent_login
def choose_primary(request: HttpRequest) -> HttpResponseBase:
    """Make another of one's addresses the primary one, to which mail is sent."""
    address = request.POST.get("address", "")
    try:
        addresses.choose_primary(actor=actor_of(request), at=timezone.now(), person=person_of(request), address=address)
        log_others_out(request)
        messages.success(request, _("Mails go to %(address)s from now on.") % {"address": address})
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("portal:contacts")


@for_persons("POST")
@needs_recent_login
def remove_address(request: HttpRequest) -> HttpResponseBase:
    """Remove an address, or cancel an unused link."""
    address = request.POST.get("address", "")
    try:
        addresses.remove_address(actor=actor_of(request), at=timezone.now(), person=person_of(request), address=address)
        messages.success(request, _("The address %(a)s was removed.") % {"a": address})
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("portal:contacts")


@for_persons("POST")
def address_works(request: HttpRequest) -> HttpResponseBase:
    """Send mail again to one's own address that refused it. 404 for anybody else's."""
    person, address = person_of(request), request.POST.get("address", "")
    if address not in {address_row.email for address_row in addresses_of(person)}:
        raise Http404
    if clear_address(actor=actor_of(request), at=timezone.now(), address=address):
        messages.success(request, _("Mail to %(address)s is sent again.") % {"address": address})
    return redirect("portal:contacts")


@for_persons("POST")
def add_number(request: HttpRequest) -> HttpResponseBase:
    """Add a phone number, by which the desk recognises the caller."""
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _page(request, phone=form, status=422)
    try:
        add_phone(
            actor=actor_of(request), at=timezone.now(), person=person_of(request), number=form.cleaned_data["number"]
        )
    except UnableTo as error:
        form.add_error("number", refusal_words(error))
        return _page(request, phone=form, status=422)
    messages.success(request, _("The number is saved."))
    return redirect("portal:contacts")


@for_persons("POST")
def remove_number(request: HttpRequest, phone_id: int) -> HttpResponseBase:
    """Remove one of the reader's phone numbers. 404 for anybody else's."""
    phone = person_of(request).phones.filter(pk=phone_id).first()
    if phone is None:
        raise Http404
    remove_phone(actor=actor_of(request), at=timezone.now(), phone=phone)
    messages.success(request, _("The number is removed."))
    return redirect("portal:contacts")


def _page(
    request: HttpRequest, *, address: AddressForm | None = None, phone: PhoneForm | None = None, status: int = 200
) -> HttpResponseBase:
    person = person_of(request)
    context = {
        "person": person,
        "tabs": pages.tabs("contacts"),
        "addresses": pages.addresses(person, timezone.now()),
        "phones": list(person.phones.order_by("id")),
        "address": address or AddressForm(),
        "phone": phone or PhoneForm(),
    }
    return render(request, "portal/contacts.html", context, status=status)

"""URLs of the customer portal; the paths are Jira Service Management's. Account URLs: account_urls."""

from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.views.generic import RedirectView

from otklik.people.account_links import ADDRESS_PATH
from otklik.portal import list_urls
from otklik.portal.views import addresses_and_phones, brand, own_data, second_factor, sso
from otklik.portal.views.activity import activity
from otklik.portal.views.anonymous import check_mail, confirm
from otklik.portal.views.approvals import answer_by_link, approvals, approve, ask, decline
from otklik.portal.views.attachment import download, picture
from otklik.portal.views.card import card
from otklik.portal.views.comment import comment, preview
from otklik.portal.views.create import create
from otklik.portal.views.desk import desk
from otklik.portal.views.drafts import drafts
from otklik.portal.views.edit_comment import edit, withdraw
from otklik.portal.views.files import files, upload
from otklik.portal.views.guide import guide
from otklik.portal.views.help_center import home
from otklik.portal.views.language import language
from otklik.portal.views.low_vision import sight
from otklik.portal.views.mail_preferences import notices
from otklik.portal.views.notifications import notifications
from otklik.portal.views.original_mail import message_frame
from otklik.portal.views.participants import search, share, share_organization, unshare, unshare_organization
from otklik.portal.views.passkeys import add_passkey, remove_passkey
from otklik.portal.views.profile import profile, theme
from otklik.portal.views.rating import rate_by_link, rate_on_card
from otklik.portal.views.reopen import reopen_by_link
from otklik.portal.views.security import end_other_sessions, end_session, password, revoke, security
from otklik.portal.views.transition import transition
from otklik.portal.views.unsubscribe import unsubscribe


class RequestKey:
    """A ticket's key such as ACCREDO-4, in any case; converted to upper case."""

    regex = "[A-Za-z][A-Za-z0-9_]{1,19}-[0-9]{1,10}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(RequestKey, "request_key")

_HOME = RedirectView.as_view(pattern_name="portal:home")
_DESK = "servicedesk/customer/portal/<int:desk_id>"
_PROFILE = "servicedesk/customer/user/profile"
_FILE = "servicedesk/customershim/secure"

_OF_REQUEST: list[URLPattern | URLResolver] = [
    path("", card, name="card"),
    path("/activity", activity, name="activity"),
    path("/comment", comment, name="comment"),
    path("/transition/<int:transition_id>", transition, name="transition"),
    path("/share", share, name="share"),
    path("/share/search", search, name="share_search"),
    path("/share/organization", share_organization, name="share_organization"),
    path("/share/organization/<int:organization_id>/remove", unshare_organization, name="unshare_organization"),
    path("/share/<int:person_id>/remove", unshare, name="unshare"),
    path("/notifications", notifications, name="notifications"),
    path("/rating", rate_on_card, name="rate"),
    path("/approval/<int:approval_id>/approve", approve, name="approve"),
    path("/approval/<int:approval_id>/decline", decline, name="decline"),
    path("/approval/<int:approval_id>/ask", ask, name="ask"),
    path("/message/<int:message_id>/frame", message_frame, name="message_frame"),
    path("/message/<int:message_id>/edit", edit, name="edit_message"),
    path("/message/<int:message_id>/withdraw", withdraw, name="withdraw_message"),
]

_OF_DESK: list[URLPattern | URLResolver] = [
    path("", desk, name="desk"),
    path("/group/<int:group_id>", desk, name="desk_group"),
    path("/look/<str:mark>.css", brand.css, name="brand_css"),
    path("/check-mail", check_mail, name="check_mail"),
    path("/help", guide, name="guide"),
    path("/create/<int:type_id>", create, name="create"),
    path("/create/<int:type_id>/upload", upload, name="upload"),
    path("/group/<int:group_id>/create/<int:type_id>", create, name="create_in_group"),
    path("/<request_key:key>", include(_OF_REQUEST)),
]

app_name = "portal"
# What people open most stands first: an address is compared with one after the other.
urlpatterns: list[URLPattern | URLResolver] = [
    path(_DESK, include(_OF_DESK)),
    *list_urls.urlpatterns,
    path("servicedesk/customer/portals", home, name="home"),
    path("servicedesk/customer", _HOME),
    path("servicedesk/customer/", _HOME),
    path("servicedesk/customer/portals/", _HOME),
    path("servicedesk/customer/user/approvals", approvals, name="approvals"),
    path(_PROFILE, profile, name="profile"),
    path(f"{_PROFILE}/contacts", addresses_and_phones.contacts, name="contacts"),
    path(f"{_PROFILE}/addresses/add", addresses_and_phones.add_address, name="add_address"),
    path(f"{_PROFILE}/addresses/confirm", addresses_and_phones.confirm_address, name="confirm_address"),
    path(f"{_PROFILE}/addresses/primary", addresses_and_phones.choose_primary, name="choose_primary"),
    path(f"{_PROFILE}/addresses/remove", addresses_and_phones.remove_address, name="remove_address"),
    path(f"{_PROFILE}/addresses/works", addresses_and_phones.address_works, name="address_works"),
    path(f"{ADDRESS_PATH}<path:secret>", addresses_and_phones.link, name="address_link"),
    path(f"{_PROFILE}/phones/add", addresses_and_phones.add_number, name="add_phone"),
    path(f"{_PROFILE}/phones/<int:phone_id>/remove", addresses_and_phones.remove_number, name="remove_phone"),
    path(f"{_PROFILE}/notifications", notices, name="notices"),
    path(f"{_PROFILE}/data", own_data.own_data, name="own_data"),
    path(f"{_PROFILE}/data/export", own_data.export, name="export_data"),
    path(f"{_PROFILE}/data/archive", own_data.download, name="download_data"),
    path(f"{_PROFILE}/data/erase", own_data.erasure, name="erase_data"),
    path(f"{_PROFILE}/data/keep", own_data.keep, name="keep_data"),
    path(f"{_PROFILE}/security", security, name="security"),
    path(f"{_PROFILE}/password", password, name="password"),
    path(f"{_PROFILE}/sso/link", sso.link, name="sso_link"),
    path(f"{_PROFILE}/sso/unlink", sso.unlink, name="sso_unlink"),
    path(f"{_PROFILE}/second-factor", second_factor.set_up, name="second_factor"),
    path(f"{_PROFILE}/second-factor/off", second_factor.switch_off, name="second_factor_off"),
    path(f"{_PROFILE}/recovery-codes", second_factor.recovery_codes, name="recovery_codes"),
    path(f"{_PROFILE}/recovery-codes/new", second_factor.new_recovery_codes, name="new_recovery_codes"),
    path(f"{_PROFILE}/passkeys/add", add_passkey, name="add_passkey"),
    path(f"{_PROFILE}/passkeys/<int:passkey_id>/remove", remove_passkey, name="remove_passkey"),
    path(f"{_PROFILE}/sessions/<int:session_id>/end", end_session, name="end_session"),
    path(f"{_PROFILE}/tokens/<int:token_id>/revoke", revoke, name="revoke_token"),
    path(f"{_PROFILE}/sessions/end", end_other_sessions, name="end_other_sessions"),
    path("servicedesk/customer/user/language", language, name="language"),
    path("servicedesk/customer/user/drafts", drafts, name="drafts"),
    path("servicedesk/customer/user/files", files, name="files"),
    path("servicedesk/customer/user/preview", preview, name="preview"),
    path("servicedesk/customer/user/sight", sight, name="sight"),
    path("servicedesk/customer/user/theme", theme, name="theme"),
    path(
        "rest/servicedesk/1/customer/viewport-resources/portal-logo/<int:desk_id>/<str:mark>", brand.logo, name="logo"
    ),
    path("servicedesk/customer/confirm/<str:secret>", confirm, name="confirm"),
    path("servicedesk/customer/approval/<str:token>", answer_by_link, name="answer_by_link"),
    path("servicedesk/customer/rating/<str:token>", rate_by_link, name="rate_by_link"),
    path("servicedesk/customer/unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("servicedesk/customer/reopen/<str:token>", reopen_by_link, name="reopen_by_link"),
    path(f"{_FILE}/attachment/<int:attachment_id>/<str:name>", download, name="attachment"),
    path(f"{_FILE}/thumbnail/<int:attachment_id>/<str:name>", picture, name="thumbnail"),
]

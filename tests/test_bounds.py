"""Every limit as a literal: changing one needs a change here with the reason.

Other tests use the product's own constants, so they hold for any value.
"""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

import otklik
from otklik.people.login_throttle import RULES

KB, MB, GB = 1024, 1024**2, 1024**3
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOUNDS = {
    # Links and secrets.
    "people.commands.account_activation:LIFETIME": DAY,
    "people.commands.account_activation:STAFF_LIFETIME": 3 * DAY,
    "people.commands.addresses:LIFETIME": DAY,
    "people.commands.api_tokens:LIFETIME": 90 * DAY,
    "people.commands.own_data:GRACE": 3 * DAY,
    "tickets.commands.unconfirmed:LIFETIME": DAY,
    "privacy.exports:DAYS": 7,
    "portal.reauthentication:SECONDS": 300,
    "portal.views.reauthentication:TRIES": 3,
    # How many and how often.
    "people.commands.addresses:MOST": 10,
    "people.commands.api_tokens:MOST": 20,
    "people.commands.organizations:MOST_DOMAINS": 20,
    "people.login_throttle:FIRST_WAIT": 30 * SECOND,
    "people.login_throttle:LONGEST_WAIT": HOUR,
    "people.login_throttle:KEPT": 30 * DAY,
    "people.passwords:LONGEST": 1024,
    "notify.commands.accounts:MOST_AN_HOUR": 50,
    "notify.commands.addresses:MOST_A_DAY": 10,
    "notify.mail_budget:STRANGER_DAY": 3,
    "tickets.newcomer_limit:DAY": DAY,
    "tickets.newcomer_limit:DOMAIN_TIMES": 10,
    "tickets.commands.share:MOST_PEOPLE": 30,
    "tickets.commands.approve:MOST_APPROVERS": 10,
    "tickets.commands.cc_participants:MOST_PER_MAIL": 10,
    "tickets.commands.cc_participants:MOST_PER_DAY": 30,
    "tickets.commands.cc_participants:MOST_ASKED": 20,
    "tickets.commands.bulk:MOST": 1_000,
    "tickets.commands.bulk_items:AT_ONCE": 25,
    "journal.models:LONGEST_HOLD": 10 * MINUTE,
    "workspace.bulk_queries:RUNS_SHOWN": 50,
    "workspace.bulk_queries:_LIMIT": 3 * SECOND,
    "workspace.pages.bulk:KEYS_NAMED": 12,
    "worker.cleanup:CHOICES_KEPT": 7 * DAY,
    "worker.cleanup:RUNS_KEPT": 30 * DAY,
    "tickets.commands.pending:LATEST": 366 * DAY,
    "workspace.views.ledger_actions:BULK_AT_MOST": 200,
    "workspace.views.outbox:BULK_AT_MOST": 200,
    "tickets.search.query:MOST_WORDS": 8,
    "tickets.search.signs:LOOKED_INTO": 1_000,
    "portal.queries:FEW": 2000,
    "webserver.header_limits:MOST_HEAD_BYTES": 128 * KB,
    "tickets.access:MANY": 5_000,
    "tickets.access:PART": 50,
    # Sizes.
    "tickets.answers.files:MOST_FILES": 10,
    "portal.views.anonymous:FILES_AT_ONCE": 10,
    "portal.views.anonymous:BYTES_AT_ONCE": 25 * MB,
    "portal.views.anonymous:BYTES_AN_HOUR": 200 * MB,
    "portal.forms.files:MOST_FILES": 10,
    "portal.exports:MOST_ROWS": 20_000,
    "tickets.commands.list_export:KEPT": DAY,
    "tickets.commands.list_export:MOST_WAITING": 3,
    "tickets.commands.list_export:MOST_KEPT": 10,
    "tickets.jql.words_in:_INDEX_LIMIT": SECOND / 2,
    "tickets.jql.words_in:_ALL_LIMIT": SECOND * 3 / 2,
    "tickets.jql.sortable:MOST_SORTED": 150_000,
    "tickets.jql.sortable:_COUNT_LIMIT": SECOND * 3 / 10,
    "workspace.list_exports:MOST_ROWS": 100_000,
    "workspace.list_exports:STATEMENT_LIMIT": MINUTE,
    "workspace.list_exports:LONGEST": 30 * MINUTE,
    "workspace.list_exports:CLAIMED": 2 * MINUTE,
    "workspace.list_exports:_CHUNK": 256 * KB,
    "workspace.export_table:CHUNK_SIZE": 1_000,
    "tickets.commands.drafts:LONGEST": 300_000,
    "tickets.commands.rate:LONGEST": 5_000,
    "tickets.commands.approve:LONGEST": 5_000,
    "ui.conversation_paging:SHOWN": 20,
    "ui.conversation_paging:SPARE": 5,
    "ui.conversation_paging:MAX_PINNED": 20,
    "ui.conversation_paging:MAX_CHARS": 300_000,
    "ui.message_html:LONGEST_TEXT": 512 * KB,
    "ui.message_html:MOST_LINKS": 500,
    "ui.markup:LONGEST_MARKDOWN": 20_000,
    "ui.markup:MOST_MARKS": 1_000,
    "ui.sanitize:CPU_SECONDS": 1,
    "ui.sanitize:WALL_SECONDS": 5.0,
    "notify.ticket_mails:FILES_LIMIT": 10 * MB,
    "mail.imap.folder_scan:BEGINNING": 256 * KB,
    # Mail that comes in.
    "intake.process:TRIES": 3,
    "intake.process:_MOST_MAILS": 40,
    "intake.process:_READING_SECONDS": 2.0,
    "intake.ticket_matching:_IDS_LOOKED_AT": 20,
    "intake.connection_limits:MOST_CONNECTIONS": 400,
    "intake.connection_limits:MOST_PER_ADDRESS": 50,
    "intake.smtp_session:BEFORE_MAIL_SECONDS": 60,
    "intake.smtp_session:_ENVELOPE_SECONDS": 300,
    "intake.smtp_session:_MOST_SECONDS": 1800,
    "intake.smtp_session:LEAST_BYTES_A_SECOND": 4096,
    "intake.smtp_session:GRACE_SECONDS": 60,
    "mail.imap.folder_scan:TRIES": 5,
    "mail.dkim_verify:MOST_SIGNATURES": 5,
    "mail.dkim_verify:LEAST_KEY": 1024,
    "mail.dkim_check:PATIENCE": MINUTE,
    "core.disk_space:LOW_WATER": 500 * MB,
    "core.disk_space:LOW_SHARE": 0.05,
    # Mail that goes out.
    "mail.outcomes:GIVE_UP": 5 * DAY,
    "mail.claims:MOST_MAILS": 40,
    "mail.claims:LEASE": MINUTE,
    "mail.late_mail_throttle:LATE": 15 * MINUTE,
    "mail.suppressed_addresses:MOST_HARD": 3,
    "mail.suppressed_addresses:HARD_TIME": 7 * DAY,
    "core.retry_schedule:WAITS": (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR),
    # What is kept.
    "worker.unused_files:UNUSED_KEPT": 14 * DAY,
    "worker.cleanup:SUBMISSIONS_KEPT": 14 * DAY,
    "worker.cleanup:HALVES_KEPT": DAY,
    "worker.cleanup:LINKS_KEPT": 7 * DAY,
    "mail.retention:LEAST_DAYS": 30,
    # What pages show, and take.
    "portal.badges:NEWS_AT_MOST": 99,
    "portal.exports:_CHUNK": 1000,
    "portal.forms.ticket:LONGEST": 200_000,
    "portal.pages.approvals:PER_PAGE": 25,
    "portal.pages.approvals:FILES_NAMED": 10,
    "portal.pages.help_center:FOUND_AT_MOST": 30,
    "portal.pages.login_wall:DESKS_AT_MOST": 3,
    "portal.pages.status_summary:QUESTION_LENGTH": 240,
    "portal.pages.requests:PER_PAGE": 25,
    "portal.pages.requests:LAST_PAGE": 400,
    "portal.pages.requests:COUNTED": 1000,
    "portal.pages.requests:COUNTED_FOUND": 200,
    "portal.pages.smart_search:OWN_AT_MOST": 3,
    "portal.pages.smart_search:OWN_LOOKED_AT": 300,
    "portal.pages.smart_search:TYPES_AT_MOST": 6,
    "portal.single_sign_on:_WANTED_SECONDS": 600,
    "portal.views.desk:LONGEST_QUERY": 100,
    "portal.views.drafts:_MOST_ASKED": 20,
    "portal.views.forgot_password:SECONDS": 0.3,
    "portal.views.list_preferences:MOST_VIEWS": 30,
    "workspace.callers:SHORTEST": 3,
    "workspace.callers:WORDS_AT_MOST": 6,
    "workspace.callers:LONGEST": 200,
    "workspace.queue_counts:COUNTED": 999,
    "workspace.queue_counts:MAILS_COUNTED": 99,
    "workspace.queue_counts:PAGE": 50,
    "workspace.new_queue_session:_LASTS": HOUR,
    "workspace.queue_counts:_MOST_AT_ONCE": 1000,
    "desks.commands.canned_answers:KEPT": 30 * DAY,
    "desks.commands.canned_answers:MOST_OF_DESK": 500,
    "desks.commands.canned_answers:MOST_OF_PERSON": 200,
    "workspace.forms.canned_answer:LONGEST": 20_000,
    "workspace.pages.canned_answers:MOST": 30,
    "workspace.pages.canned_answers:_BEGINNING": 140,
    "workspace.views.canned_files:LONGEST_FILE": 4_000_000,
    "workspace.views.canned_insert:LONGEST_QUERY": 200,
    "desks.commands.queues:KEPT": 30 * DAY,
    "desks.commands.queues:MOST_OF_DESK": 200,
    "desks.commands.queues:MOST_OF_PERSON": 100,
    "workspace.pages.queue_edit:SHOWN": 10,
    "workspace.pages.queue_edit:_LIMIT": 3 * SECOND,
    "workspace.queue_counts:COUNTING": 0.4 * SECOND,
    "workspace.queue_counts:LOOKING": SECOND,
    "workspace.full_queues:SECONDS": 20,
    "workspace.full_queues:_MOST": 5_000,
    "workspace.slow_queues:MINUTES": 5,
    "workspace.slow_queues:_MOST": 5_000,
    "workspace.delivery_status:_MOST": 500,
    "tickets.jql.parse:LONGEST": 2_000,
    "tickets.jql.parse:MOST_CONDITIONS": 50,
    "tickets.jql.parse:DEEPEST": 20,
    "tickets.jql.suggest:MOST": 12,
    "tickets.jql.directory:LEAST": 2,
    "tickets.jql.directory:MOST": 12,
    "tickets.jql.choices:LABELS_OF": 500,
    "tickets.jql.text_query:MOST_WORDS": 20,
    "workspace.chips.bar:LONGEST": 120,
    "workspace.chips.editor:SORTED_BY": 3,
    "workspace.chips.editor:MANY": 8,
    "workspace.chips.value_choices:OFFERED_AT_ONCE": 50,
    "workspace.chips.chip_texts:NAMED": 5,
    "workspace.forms.chip_condition:MOST_VALUES": 100,
    "workspace.forms.chip_condition:MOST_AMOUNT": 9_999,
    "workspace.pages.palette:MOST": 5,
    "workspace.pages.palette:LEAST": 2,
    "workspace.pages.issues:PER_PAGE": 50,
    "workspace.pages.issues:COUNTED": 1_000,
    "workspace.pages.issues:COUNTED_WORDS": 200,
    "workspace.pages.issues:_LIMIT": 3 * SECOND,
    "workspace.pages.issues:_COUNT_LIMIT": SECOND * 3 / 10,
    "workspace.pages.issues:_NEWS_LIMIT": 300 * SECOND / 1000,
    "workspace.pages.list_news:_MOST_SHOWN": 50,
    "workspace.pages.search:SAMPLE": 200,
    "workspace.pages.similar:SHOWN": 6,
    "workspace.pages.similar:ANSWER_LENGTH": 280,
    "tickets.search.similar:SUBJECT_WORDS": 8,
    "tickets.search.similar:MOST_WORDS": 12,
    "tickets.search.similar:TEXTS_AT_MOST": 200,
    "tickets.search.similar:COMPARED_AT_MOST": 40,
    "workspace.pages.search:NAMED_AT_MOST": 10,
    "workspace.pages.search:_LIMIT": 3 * SECOND,
    "workspace.pages.facets:COUNTED": 99,
    "workspace.pages.facets:VALUES_AT_MOST": 12,
    "workspace.pages.list_columns:MOST": 20,
    "workspace.pages.list_columns:LONGEST_ANSWER": 200,
    "workspace.forms.ticket_card_settings:MOST_APPROVERS": 10,
    "workspace.forms.field_conditions:MOST": 5,
    "workspace.forms.fields:MOST_OPTIONS": 500,
    "workspace.forms.portal_look:LOGO_BYTES": 512 * KB,
    "workspace.forms.portal_look:LOGO_WIDTH": 1024,
    "workspace.forms.portal_look:LOGO_HEIGHT": 256,
    "workspace.forms.mail_settings:LONGEST_BODY": 20_000,
    "workspace.forms.mail_settings:LONGEST_HOLD": 600,
    "workspace.forms.message:LONGEST": 200_000,
    "workspace.forms.message:MOST_ADDED": 10,
    "workspace.reply_warnings:_MOST": 300,
    "workspace.reply_warnings:_ROW": 6,
    "workspace.reply_warnings:_SHORTEST": 3,
    "workspace.forms.request_types:PEOPLE_AT_MOST": 500,
    "workspace.forms.request_types:BOXES_AT_MOST": 12,
    "workspace.ledger:PER_PAGE": 50,
    "workspace.outbox:PER_PAGE": 50,
    "workspace.pages.allowed_people:SHORTEST": 2,
    "workspace.pages.allowed_people:MOST": 8,
    "workspace.pages.create:CALLERS_AT_MOST": 8,
    "workspace.pages.create:OPEN_EACH": 3,
    "workspace.pages.home:SHOWN": 10,
    "workspace.pages.received_mail:SOURCE_SHOWN": 64 * KB,
    "workspace.pages.received_mail:HEADERS_SHOWN": 32 * KB,
    "workspace.pages.received_mail:PARTS_SHOWN": 200,
    "workspace.pages.type_and_requester:SHORTEST": 2,
    "workspace.pages.type_and_requester:MOST": 8,
    "workspace.pages.move_targets:MOST": 8,
    "workspace.pages.queue:PER_PAGE": 50,
    "workspace.pages.queue:_LIMIT": 3 * SECOND,
    "workspace.pages.ticket:OTHERS_SHOWN": 5,
    "tickets.presence:PRESENT_FOR": 40 * SECOND,
    "tickets.presence:RENEWED_AT": 25 * SECOND,
    "tickets.presence:TYPED_WITHIN": 30 * SECOND,
    "workspace.views.reply:MORNING": 9,
    "workspace.ticket_polling:SOON": 2,
    "workspace.ticket_polling:USUAL": 10,
    "workspace.ticket_polling:_JUST_NOW": 20 * SECOND,
    "workspace.ticket_polling:_ON_ITS_WAY": 2 * MINUTE,
    "workspace.queries:FOUND_AT_MOST": 25,
    "workspace.queries:CALLERS_AT_MOST": 50,
    "workspace.queries:LINKED_AT_MOST": 50,
    "workspace.queries:LINKED_BY_MAIL_AT_MOST": 10,
    "workspace.undo_offer:_LASTS": 7 * DAY,
    "workspace.views.desk_move:UNTOLD": MINUTE,
    "workspace.views.organizations:MOST_MEMBERS": 500,
    "workspace.pages.list_news:COUNTED": 99,
    "workspace.pages.list_news:_BY_CLOCK": MINUTE,
    "workspace.pages.list_news:_ASKED": 21 * SECOND,
    "workspace.views.ticket:NEWS_AT_MOST": 20,
    # The front.
    "webserver.header_limits:_LONGEST_TYPE": 1_000,
    "webserver.responses:_IN_MEMORY": 512 * KB,
    "webserver.responses:_OPEN_SECONDS": 60.0,
    "config.body_limits:FORM_BYTES": 5 * MB,
    "webserver.rsgi_app:ASK_ABOVE": MB,
    "webserver.rsgi_app:_IN_MEMORY": 64 * KB,
    "webserver.rsgi_app:_DRAIN_SECONDS": 10.0,
    "webserver.rsgi_app:_DRAIN_BYTES": 64 * MB,
    "ops.health:_AHEAD": MINUTE,
    "ui.sessions:_GRAIN": 300.0,
    "config.logs:_LONGEST": 300,
    "webserver.rsgi_app:GRACE": 20.0,
    "webserver.rsgi_app:LEAST_RATE": 8 * KB,
    "webserver.rsgi_app:ROOM": 2 * GB,
    "webserver.rsgi_app:ROOM_OF_ONE": 512 * MB,
    "core.due_times:SKEW": 2 * MINUTE,
}
# How something looks or is told apart, which is seen where it is moved.
LOOKS = {
    "workspace.pages.search:_MICROSECOND",
    "portal.exports:_ANSWER_WIDTH",
    "workspace.export_table:_ANSWER_WIDTH",
    "portal.pages.request_detail:_EXCERPT",
    "portal.pages.guide_illustrations:CARDS_SHOWN",
    "portal.pages.guide_illustrations:PARTS_SHOWN",
    "portal.views.language:YEAR",
    "portal.views.profile:YEAR",
    "workspace.pages.received_mail:_SOON",
    *(f"workspace.callers:{name}" for name in ("_WHOLE_NUMBER", "_WHOLE_ADDRESS", "_MOST_OF_NUMBER", "_MOST")),
    *(f"workspace.callers:{name}" for name in ("_PART_OF_NUMBER", "_PART_OF_ADDRESS", "_WHOLE_NAME", "_WORD_OF_NAME")),
    "config.body_limits:_DIGITS",
    "workspace.forms.message:BIGINT",
    *(f"workspace.ticket_polling:{name}" for name in ("_MAIL", "_EVENT", "_DUE", "_PRESENT")),
}
SETTINGS = {
    "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 600,
    "ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS": 3,
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
    "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
    "ACCOUNT_UNIQUE_EMAIL": True,
    "MFA_TOTP_TOLERANCE": 1,
    "PASSWORD_RESET_TIMEOUT": 3600,
    "SOCIALACCOUNT_STORE_TOKENS": False,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_HTTPONLY": True,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "X_FRAME_OPTIONS": "DENY",
    "STAFF_IDLE_MINUTES": 60,
    "STAFF_SESSION_HOURS": 12,
    "IDLE_DAYS": 14,
    "SESSION_DAYS": 30,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 5 * MB,
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1000,
    "DATA_UPLOAD_MAX_NUMBER_FILES": 20,
    "ATTACHMENT_SIZE_LIMIT": 25 * MB,
    "MAIL_SIZE_LIMIT": 35 * MB,
    "KEEP_DRAFTS": 30,
    "TRUSTED_PROXIES": 0,
    "REQUIRE_2FA": "none",
}
RATES = {
    "login": "30/m/ip",
    "reset_password": "20/h/ip,1/m/key",
    "upload": "300/h/user",
    "anonymous": "20/h/ip",
    "request_login_code": "20/h/ip,1/m/key,10/d/key",
    "signup": "5/h/ip,1/m/key",
    "manage_email": "10/h/user",
    "share": "20/h/user",
    "sample": "20/h/user",
}


@pytest.mark.parametrize("name", BOUNDS)
def test_a_bound_is_what_was_decided(name: str) -> None:
    module, _, constant = name.partition(":")
    assert getattr(import_module(f"otklik.{module}"), constant) == BOUNDS[name]


def _numbers(package: str) -> Iterator[str]:
    """Yield the constants of the package's modules that are numbers or time spans."""
    home = Path(otklik.__file__).parent
    for path in sorted((home / package).rglob("*.py")):
        module = ".".join(path.relative_to(home).with_suffix("").parts)
        if "migrations" in module or "demo" in module or module.endswith(("settings", "wsgi", "__init__")):
            continue
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            for target in statement.targets if isinstance(statement, ast.Assign) else ():
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z_]+", node.id):
                        value = getattr(import_module(f"otklik.{module}"), node.id)
                        if type(value) in {int, float, timedelta}:
                            yield f"{module}:{node.id}"


def test_every_number_of_the_pages_and_of_the_front_was_decided() -> None:
    found = {name for package in ("portal", "workspace", "config", "ops") for name in _numbers(package)}
    assert len(found) > 60 and sorted(found - set(BOUNDS) - LOOKS) == []


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_nobody_set_is_what_was_decided(name: str) -> None:
    assert getattr(settings, name) == SETTINGS[name]


def test_how_often_one_may_try_is_what_was_decided() -> None:
    assert {name: rate for name, rate in settings.ACCOUNT_RATE_LIMITS.items() if rate} == RATES
    told = {name: (rule.burst, rule.window, rule.most, rule.each, rule.calm) for name, rule in RULES.items()}
    account = (5, 5 * MINUTE, 100, True, None)
    assert told == {
        "password": account,
        "device": account,
        "factor": account,
        "place": (10, MINUTE, None, False, HOUR),
        "code": (3, HOUR, 3, True, None),
    }

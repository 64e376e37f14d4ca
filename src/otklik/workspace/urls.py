"""URLs of the agents' pages; the paths are Jira Service Management's."""

from django.urls import URLPattern, URLResolver, include, path

from otklik.workspace import organization_urls, settings_urls
from otklik.workspace.views import (
    approvals,
    bulk,
    canned_answers,
    canned_files,
    canned_insert,
    ledger,
    ledger_actions,
    outbox,
    own_queues,
    pending,
    queue_edit,
    queue_removal,
    reply_preview,
)
from otklik.workspace.views.answers import answers
from otklik.workspace.views.caller import caller
from otklik.workspace.views.cc_requests import add_asked, claim
from otklik.workspace.views.chips import chip
from otklik.workspace.views.create import choose_desk, create
from otklik.workspace.views.create import fields as create_fields
from otklik.workspace.views.desk_move import move_to_desk
from otklik.workspace.views.edit_message import edit, withdraw
from otklik.workspace.views.erasures import erase, erasures
from otklik.workspace.views.fields import assign, priority, subject, take
from otklik.workspace.views.forward import forward, take_back
from otklik.workspace.views.held_messages import admit, ask_owner, hold
from otklik.workspace.views.home import home
from otklik.workspace.views.home import news as home_news
from otklik.workspace.views.invite import invite
from otklik.workspace.views.issues import beside_list, desk_issues, issues, navigator, suggestions
from otklik.workspace.views.issues import news as issues_news
from otklik.workspace.views.links import links
from otklik.workspace.views.links import remove as remove_link
from otklik.workspace.views.list_exports import export_file, exports, remove_export
from otklik.workspace.views.list_look import beside_look, filter_look, queue_look
from otklik.workspace.views.list_presence import list_presence
from otklik.workspace.views.move_message import move, split
from otklik.workspace.views.neighbours import next_ticket, previous_ticket
from otklik.workspace.views.original_mail import frame, original
from otklik.workspace.views.palette import palette
from otklik.workspace.views.participants import add, remove
from otklik.workspace.views.properties import due, labels, resolution
from otklik.workspace.views.queue import (
    as_filter,
    beside_as_filter,
    beside_news,
    beside_queue,
    queue,
)
from otklik.workspace.views.queue import news as queue_news
from otklik.workspace.views.queue_chips import queue_chip
from otklik.workspace.views.reply import note, reply
from otklik.workspace.views.row_edits import assignee_choices, priority_choices, status_choices
from otklik.workspace.views.search import go
from otklik.workspace.views.short_queue_urls import first_queue, project
from otklik.workspace.views.similar import similar
from otklik.workspace.views.ticket import news, ticket
from otklik.workspace.views.transition import transition
from otklik.workspace.views.type_and_requester import requester, type_of

# Below a ticket's and a desk's address stand two thirds of all patterns: others need not be compared with each of them.
_OF_TICKET: list[URLPattern | URLResolver] = [
    path("/participants/<int:person_id>/clear", outbox.clear_participant, name="clear_address"),
    path("", ticket, name="ticket"),
    path("/news", news, name="news"),
    path("/choices/assignee", assignee_choices, name="assignee_choices"),
    path("/choices/priority", priority_choices, name="priority_choices"),
    path("/choices/status", status_choices, name="status_choices"),
    path("/choices/requests", canned_insert.requests, name="request_choices"),
    path("/canned", canned_insert.pick, name="canned_answers"),
    path("/canned/choices", canned_insert.choices, name="canned_choices"),
    path("/canned/<int:answer_id>", canned_insert.insert, name="insert_canned_answer"),
    path("/reply", reply, name="reply"),
    path("/reply/preview", reply_preview.preview, name="reply_preview"),
    path("/note", note, name="note"),
    path("/replies/<int:reply_id>", pending.waiting, name="pending"),
    path("/replies/<int:reply_id>/undo", pending.undo, name="pending_undo"),
    path("/replies/<int:reply_id>/now", pending.now, name="pending_now"),
    path("/replies/<int:reply_id>/move", pending.move, name="pending_move"),
    path("/replies/<int:reply_id>/drop", pending.drop, name="pending_drop"),
    path("/transition/<int:transition_id>", transition, name="transition"),
    path("/assign", assign, name="assign"),
    path("/take", take, name="take"),
    path("/priority", priority, name="priority"),
    path("/resolution", resolution, name="resolution"),
    path("/next", next_ticket, name="next"),
    path("/previous", previous_ticket, name="previous"),
    path("/similar", similar, name="similar"),
    path("/links", links, name="links"),
    path("/links/<int:link_id>/remove", remove_link, name="remove_link"),
    path("/due", due, name="due"),
    path("/labels", labels, name="labels"),
    path("/subject", subject, name="subject"),
    path("/type", type_of, name="type"),
    path("/move", move_to_desk, name="move_ticket"),
    path("/requester", requester, name="requester"),
    path("/answers", answers, name="answers"),
    path("/participants", add, name="add_participant"),
    path("/participants/<int:person_id>/remove", remove, name="remove_participant"),
    path("/messages/<int:message_id>/admit", admit, name="admit"),
    path("/messages/<int:message_id>/hold", hold, name="hold"),
    path("/messages/<int:message_id>/ask-owner", ask_owner, name="ask_owner"),
    path("/messages/<int:message_id>/asked", add_asked, name="add_asked"),
    path("/messages/<int:message_id>/claim", claim, name="take_claim"),
    path("/messages/<int:message_id>/html", frame, name="frame"),
    path("/approvals", approvals.ask, name="ask_approval"),
    path("/approvals/<int:approval_id>/withdraw", approvals.withdraw, name="withdraw_approval"),
    path("/messages/<int:message_id>/edit", edit, name="edit_message"),
    path("/messages/<int:message_id>/withdraw", withdraw, name="withdraw_message"),
    path("/messages/<int:message_id>/forward", forward, name="forward"),
    path("/messages/<int:message_id>/forward/undo", take_back, name="forward_undo"),
    path("/messages/<int:message_id>/move", move, name="move_message"),
    path("/messages/<int:message_id>/split", split, name="split_message"),
    path("/mail/<int:inbound_id>.eml", original, name="mail"),
]

_OF_DESK: list[URLPattern | URLResolver] = [
    path("", project, name="project"),
    path("/queues", project, name="queues"),
    path("/queues/custom/<int:queue_id>", queue, name="queue"),
    path("/queues/custom/<int:queue_id>/filter", as_filter, name="queue_filter"),
    path("/queues/custom/<int:queue_id>/news", queue_news, name="queue_news"),
    path("/queues/custom/<int:queue_id>/look", queue_look, name="queue_look"),
    path("/create", create, name="create"),
    path("/create/fields", create_fields, name="create_fields"),
    path("/create/caller", caller, name="caller"),
    path("/mail", ledger.ledger, name="ledger"),
    path("/mail/bulk", ledger_actions.bulk, name="ledger_bulk"),
    path("/mail/senders", ledger.senders, name="senders"),
    path("/mail/senders/forget", ledger_actions.forget_rule, name="forget_rule"),
    path("/mail/<int:inbound_id>", ledger.received_mail, name="ledger_mail"),
    path("/mail/<int:inbound_id>.eml", ledger.eml, name="ledger_eml"),
    path("/mail/<int:inbound_id>/parts", ledger.parts, name="ledger_parts"),
    path("/mail/<int:inbound_id>/request", ledger_actions.request_of, name="ledger_request"),
    path("/mail/<int:inbound_id>/attach", ledger_actions.attach, name="ledger_attach"),
    path("/mail/<int:inbound_id>/admit", ledger_actions.admit, name="ledger_admit"),
    path("/mail/<int:inbound_id>/again", ledger_actions.again, name="ledger_again"),
    path("/mail/<int:inbound_id>/done", ledger_actions.done, name="ledger_done"),
    path("/mail/<int:inbound_id>/spam", ledger_actions.spam, name="ledger_spam"),
    path("/mail/<int:inbound_id>/not-spam", ledger_actions.not_spam, name="ledger_not_spam"),
    path("/mail/<int:inbound_id>/block", ledger_actions.block, name="ledger_block"),
    path("/mail/<int:inbound_id>/allow", ledger_actions.allow, name="ledger_allow"),
    path("/mail/<int:inbound_id>/forget", ledger_actions.forget, name="ledger_forget"),
    path("/outbox", outbox.outbox, name="outbox"),
    path("/outbox/bulk", outbox.bulk, name="outbox_bulk"),
    path("/outbox/<int:mail_id>", outbox.outgoing_mail, name="outbox_mail"),
    path("/outbox/<int:mail_id>/now", outbox.now, name="outbox_now"),
    path("/outbox/<int:mail_id>/cancel", outbox.cancel, name="outbox_cancel"),
    path("/outbox/<int:mail_id>/again", outbox.again, name="outbox_again"),
    path("/outbox/<int:mail_id>/clear", outbox.clear, name="outbox_clear"),
    path("/outbox/<int:mail_id>/elsewhere", outbox.elsewhere, name="outbox_elsewhere"),
    path("/settings", include(settings_urls.OF_DESK)),
]

app_name = "workspace"
urlpatterns: list[URLPattern | URLResolver] = [
    path("browse/<ticket_key:key>", include(_OF_TICKET)),
    path("secure/Dashboard.jspa", home, name="home"),
    path("secure/Dashboard.jspa/news", home_news, name="home_news"),
    path("issues/", issues, name="issues"),
    path("issues/look", filter_look, name="issues_look"),
    path("issues/news", issues_news, name="issues_news"),
    path("issues/present", list_presence, name="list_presence"),
    path("issues/chip", chip, name="chip"),
    path("issues/suggest", suggestions, name="issues_suggest"),
    path("issues/exports", exports, name="exports"),
    path("issues/exports/<int:export_id>/file", export_file, name="export_file"),
    path("issues/exports/<int:export_id>/remove", remove_export, name="export_remove"),
    path("issues/bulk", bulk.bulk, name="bulk"),
    path("issues/bulk/<int:run_id>", bulk.bulk_run, name="bulk_run"),
    path("issues/bulk/<int:run_id>/start", bulk.bulk_start, name="bulk_start"),
    path("issues/bulk/<int:run_id>/undo", bulk.bulk_undo, name="bulk_undo"),
    path("issues/bulk/<int:run_id>/now", bulk.bulk_now, name="bulk_now"),
    path("issues", navigator),
    path("issues/<ticket_key:key>", beside_list),
    path("projects/<desk_key:key>/issues", desk_issues),
    path("projects/<desk_key:key>/issues/", desk_issues, name="desk_issues"),
    path("projects/<desk_key:desk_key>/issues/<ticket_key:key>", beside_list),
    path("secure/IssueNavigator.jspa", navigator),
    path("secure/admin/erasures", erasures, name="erasures"),
    path("secure/admin/erasures/<int:person_id>", erase, name="erase"),
    path("secure/InvitePerson", invite, name="invite"),
    path("projects", first_queue, name="projects"),
    path("projects/go", go, name="go"),
    path("projects/go/palette", palette, name="palette"),
    path("projects/create", choose_desk, name="create"),
    path("queues", own_queues.own_queues, name="own_queues"),
    path("queues/chip", queue_chip, name="queue_chip"),
    path("queues/add", queue_edit.add, name="add_queue"),
    path("queues/starred/order", own_queues.order_starred, name="order_starred"),
    path("queues/own/order", own_queues.order_own, name="order_own_queues"),
    path("queues/<int:queue_id>/edit", queue_edit.edit, name="edit_queue"),
    path("queues/<int:queue_id>/hide", queue_edit.hide, name="hide_queue"),
    path("queues/<int:queue_id>/delete", queue_removal.delete, name="delete_queue"),
    path("queues/<int:queue_id>/restore", queue_removal.restore, name="restore_queue"),
    path("queues/<int:queue_id>/star", queue_edit.star, name="star_queue"),
    path("queues/<int:queue_id>", beside_queue, name="beside_queue"),
    path("queues/<int:queue_id>/look", beside_look, name="beside_queue_look"),
    path("queues/<int:queue_id>/filter", beside_as_filter, name="beside_queue_filter"),
    path("queues/<int:queue_id>/news", beside_news, name="beside_queue_news"),
    path("canned", canned_answers.own_answers, name="own_canned_answers"),
    path("canned/file", canned_files.own_file, name="own_canned_file"),
    path("canned/add", canned_answers.add, name="add_canned_answer"),
    path("canned/<int:answer_id>/edit", canned_answers.edit, name="edit_canned_answer"),
    path("canned/<int:answer_id>/remove", canned_answers.remove, name="remove_canned_answer"),
    path("canned/<int:answer_id>/restore", canned_answers.restore, name="restore_canned_answer"),
    *settings_urls.OF_SITE,
    *organization_urls.urlpatterns,
    path("projects/<desk_key:key>", include(_OF_DESK)),
]

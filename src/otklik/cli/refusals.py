"""The refusals of the command line."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class CliRefusal(Refusal, about="cli"):
    BACKUP_DAMAGED = "%(file)s is no whole backup of Otklik: %(error)s"
    BACKUP_FORMAT_UNKNOWN = "the backup has the format %(format)s, this version knows %(known)s"
    BACKUP_TOO_NEW = "the backup was made by a newer Otklik (%(version)s); install that version"
    BENCH_MAILS_MISSING = "%(missing)s of %(new)s acknowledgements did not come; %(taken)s mails were taken."
    BENCH_NOT_COMPARABLE = "The earlier run is of another number of tickets or clients; nothing to compare."
    BENCH_NO_RUN = "%(file)s holds no run of `otklik bench run --save`."
    BENCH_NO_SUCH_PAGE = "No page has %(only)r in its name."
    BENCH_RUN_UNREADABLE = "%(file)s holds no run of `otklik bench run --save`: %(error)s"
    BENCH_NOT_SEEDED = "Nothing to measure yet: `otklik bench seed --tickets 10000` first."
    BENCH_NOT_STARTED = "The process to be measured did not start."
    BENCH_PAGE_FAILED = "%(path)s answered %(status)s; nothing to measure."
    BENCH_SEEDED_MORE = "%(key)s has %(have)s tickets already; use a fresh OTKLIK_HOME for fewer."
    CANNOT_LISTEN = "cannot listen on %(host)s:%(port)s (%(why)s); choose another address with %(option)s"
    DATABASE_BEHIND_POOLER = (
        "the database is reached through a pooler in transaction mode, which keeps neither locks nor settings"
        " between two statements; name the server's own address in %(setting)s"
    )
    DATABASE_NOT_EMPTY = "the database is not empty; restore into a new home: OTKLIK_HOME=… otklik restore FILE"
    DATABASE_NOT_MIGRATED = "the database lacks %(missing)s migrations of this version; run: otklik migrate"
    DATABASE_TOO_NEW = (
        "the database was written by a newer Otklik (it has the migration %(migration)s, which this version "
        "does not know); install that version or restore a backup made by this one"
    )
    DESK_UNKNOWN = "There is no desk %(key)s. `otklik desk list` shows them."
    DESK_UNKNOWN_OF = "There is no desk %(key)s; there are: %(known)s."
    ENTRY_UNKNOWN = "There is no «%(name)s» in the list."
    ERASED_LIST_UNREADABLE = "the list of erased persons cannot be read: %(error)s"
    ERASE_NOT_CONFIRMED = _("The address was not typed exactly. Nothing was erased.")
    FILE_EXISTS = "%(file)s exists; name another file"
    IMPORT_UNKNOWN = "There is no such import. `otklik mailbox imports %(address)s` shows them."
    JQL_BAD = "line %(line)d, character %(character)d: %(said)s"
    JQL_SLOW = (
        "The filter was not answered within %(seconds)d seconds. Put a narrower condition beside it (a desk, a "
        "status, a time), or give it more time: --seconds"
    )
    MAILBOX_NOT_FETCHED = "%(address)s is not fetched. `otklik mailbox list` shows those that are."
    MAILBOX_UNKNOWN = "There is no mailbox %(address)s. `otklik mailbox list` shows those that are fetched."
    OAUTH_INCOMPLETE = "OAuth needs --client-id, and on standard input the refresh token, then the client secret."
    ORGANIZATION_UNKNOWN = "There is no organisation «%(name)s». `otklik organization list` shows them."
    PARTS_SILENT = "no answer from %(parts)s within %(seconds).0f s"
    PART_KEEPS_ENDING = "%(part)s ended %(count)s times while starting (%(end)s)"
    PASSWORD_EMPTY = "The password is empty; give it with --password-stdin."
    PASSWORD_MISSING = "There is no password: give it with --password-stdin."
    PASSWORD_REJECTED = "%(why)s"
    PERSON_UNKNOWN = "Nobody here has the %(kind)s %(mail)s."
    PROGRAM_FAILED = "%(program)s: %(said)s"
    REFRESH_TOKEN_MISSING = "There is no refresh token on standard input."
    RESTORE_INCOMPLETE = (
        "otklik restore did not come to its end here, so erased persons may be back and mails may go twice; "
        "restore again into a new home or an empty database"
    )
    ROLE_NEEDS_DESK = "Say of which desk with --desk KEY: a person is %(role)s of a desk."
    ROLE_UNKNOWN = "«%(role)s» is no role; there are customer, agent, lead, admin."
    ROLLBACK_INCOMPLETE = "%(failed)s mails cannot be taken back; the log says why. Try again after that."
    TICKET_UNKNOWN = "There is no ticket %(key)s."
    TOKEN_OWNER_UNKNOWN = "Nobody here has the address or login %(mail)s."
    TOKEN_SERVICE_UNKNOWN = "«%(oauth)s» is no token service; there are %(known)s, or give its URL."
    TOKEN_UNKNOWN = "There is no token %(number)s."

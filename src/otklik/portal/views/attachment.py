"""Download attachments safely (AB-45, AB-67, AB-68), and previews of pictures."""

from django.http import Http404, HttpRequest, HttpResponseBase

from otklik.portal.view_access import for_persons
from otklik.tickets.access import attachment_for
from otklik.tickets.models import Attachment
from otklik.tickets.new_files import searched
from otklik.ui.downloads import stored_file
from otklik.ui.pictures import picture_type


@for_persons("GET")
def download(request: HttpRequest, attachment_id: int, name: str) -> HttpResponseBase:
    """Return the file, always as a download. The name in the URL is ignored. 404 without access."""
    file = searched(_file_or_404(request, attachment_id))
    return stored_file(request, digest=file.digest, name=file.name)


@for_persons("GET")
def picture(request: HttpRequest, attachment_id: int, name: str) -> HttpResponseBase:
    """Return a picture for display: PNG, JPEG, GIF or WebP, judged by its bytes; 404 for anything else."""
    file = searched(_file_or_404(request, attachment_id))
    kind = picture_type(file.digest)
    if not kind:
        raise Http404
    return stored_file(request, digest=file.digest, name=file.name, shown_as=kind)


def _file_or_404(request: HttpRequest, attachment_id: int) -> Attachment:
    file = attachment_for(request.user, attachment_id)
    if file is None:
        raise Http404
    return file

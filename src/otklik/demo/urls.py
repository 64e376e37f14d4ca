"""URLs of the demo's post office; they exist only when the demo is on."""

from django.urls import path

from otklik.demo.views import frame, mail, mails, write

app_name = "demo"
urlpatterns = [
    path("mail", mails, name="mails"),
    path("mail/write", write, name="write"),
    path("mail/<int:mail_id>", mail, name="mail"),
    path("mail/<int:mail_id>/html", frame, name="frame"),
]

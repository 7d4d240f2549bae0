"""Every address of the web application."""

from django.urls import include, path

urlpatterns = [path("", include("cableroom.web.urls"))]

handler400 = "cableroom.web.errors.unreadable"
handler403 = "cableroom.web.errors.absent"
handler404 = "cableroom.web.errors.absent"
handler500 = "cableroom.web.errors.failed"

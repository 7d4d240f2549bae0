from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "cableroom.archive"
    label = "archive"

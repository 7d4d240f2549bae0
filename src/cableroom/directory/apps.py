from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "cableroom.directory"
    label = "directory"

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "cableroom.office"
    label = "office"

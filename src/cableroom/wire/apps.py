from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "cableroom.wire"
    label = "wire"

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "cableroom.register"
    label = "register"

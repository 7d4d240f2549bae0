from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cableroom.web"
    label = "web"

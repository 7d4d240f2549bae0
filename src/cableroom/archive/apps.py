from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "cableroom.archive"
    label = "archive"

    def ready(self) -> None:
        from cableroom.archive import records
        from cableroom.register import following

        following.register_projection(records.PROJECTION)

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "cableroom.office"
    label = "office"

    def ready(self) -> None:
        from cableroom.office import arriving, taskings
        from cableroom.register import following

        # `taskings` reads what `arriving` makes of the same entry: their order matters
        for name, kinds, tables, apply in (
            ("arriving", arriving.KINDS, arriving.TABLES, arriving.apply),
            ("taskings", taskings.KINDS, taskings.TABLES, taskings.apply),
        ):
            following.register_projection(
                following.Projection(name, kinds, tables, apply, within=True, scope="post")
            )

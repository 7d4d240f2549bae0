from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "cableroom.directory"
    label = "directory"

    def ready(self) -> None:
        from cableroom.directory import certificates, keystore, opening, projecting, readers
        from cableroom.register import following, ledger

        following.set_opener(opening.open_blob)
        ledger.set_log_key(keystore.log_key)
        for name, kinds, tables, apply, scope in (
            ("directory", {"Directory", "Policy", "Key"}, projecting.TABLES, projecting.apply, "house"),
            ("readers", readers.KINDS, readers.TABLES, readers.apply, "post"),
        ):
            following.register_projection(
                following.Projection(name, frozenset(kinds), tables, apply, within=True, scope=scope)
            )
        following.register_worker(
            following.Worker("directory.keys", 3600.0, lambda: certificates.renew_due(ledger.now()))
        )

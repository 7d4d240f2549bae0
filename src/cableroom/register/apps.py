from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "cableroom.register"
    label = "register"

    def ready(self) -> None:
        from cableroom.register import blobs, checks, heads, registry, serials, witness

        checks.register_checks()
        registry.register_projection(serials.SERIALS)
        registry.register_worker(registry.Worker("heads", 0.2, heads.sign_grown_heads))
        registry.register_worker(registry.Worker("cosign", 0.5, witness.cosign_grown))
        registry.register_worker(registry.Worker("anchor", 300.0, witness.anchor))
        registry.register_worker(registry.Worker("blob-sweep", 3600.0, blobs.sweep_orphans))

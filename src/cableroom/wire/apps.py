from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "cableroom.wire"
    label = "wire"

    def ready(self) -> None:
        from cableroom.register import following
        from cableroom.wire import acknowledging, keeping, outbox, receipting, sending, telling

        for name, kinds, tables, apply in (
            ("wire.legs", outbox.KINDS, outbox.TABLES, outbox.apply),
            ("wire.numbers", outbox.MRN_KINDS, outbox.MRN_TABLES, outbox.apply_mrn),
        ):
            following.register_projection(
                following.Projection(name, kinds, tables, apply, within=True, scope="post")
            )
        for name, reacts_to, react, scope in (
            (receipting.NAME, {"Received"}, receipting.react, "post"),
            (acknowledging.NAME, {"Acknowledged", "Accepted", "Returned"}, acknowledging.react, "post"),
            (telling.NAME, {"Held", "Refused"}, telling.react, "post"),
            (keeping.NAME, {"Directory", "Policy"}, keeping.react, "house"),
        ):
            following.register_reaction(following.Reaction(name, frozenset(reacts_to), react, scope))
        for name, every, run in (
            ("wire.send", 0.0, sending.SENDER.run),
            ("wire.missing", 5.0, keeping.ask_for_missing),
            ("wire.held", 900.0, keeping.try_held),
            ("wire.sweep", 3600.0, keeping.sweep),
        ):
            following.register_worker(following.Worker(name, every, run))

"""Ceremonies: the data folder of an organisation, and a post with its register and keys.

Each can be interrupted anywhere and run again: what is there is left as it is, what is missing is
made. Only a second founding of something whole is refused.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from cableroom.cable.address import Post, check_name, check_org
from cableroom.cable.canonical import stamp
from cableroom.directory import certificates, keystore, policy
from cableroom.directory.cardform import b64
from cableroom.directory.house import HOUSE, acting, record
from cableroom.directory.models import (
    CertificateRow,
    CollectiveRow,
    OrganisationRow,
    Person,
    PolicyRow,
    PostRow,
    RoleRow,
)
from cableroom.directory.people import add_role
from cableroom.directory.policyform import Policy, RoleRule, default_policy
from cableroom.directory.posts import own_org, post_data
from cableroom.directory.routes import set_routes
from cableroom.errors import InputError, StateError
from cableroom.register import ledger
from cableroom.register.durable import write_durably
from cableroom.register.ledger import Actor
from cableroom.seal import certificates as x509
from cableroom.seal import keys, trust

CONFIG = "config.toml"
DEFAULT_PROFILE = "cableroom"


def found(
    home: Path,
    *,
    org: str,
    name: str,
    now: datetime,
    chosen: Policy | None = None,
    word_list: str = "diplomatic",
    database: str | None = None,
    config: str = "",
    by: Person | None = None,
) -> None:
    """Make the data folder of `org` (a domain), called `name`: keys, tables, house register, policy.

    `home` must be the folder that the settings name (CABLEROOM_HOME). `database` is a PostgreSQL
    connection string, None for SQLite in the folder; `config` is more TOML for config.toml (ports).
    Raises `StateError` if an organisation is there already.
    """
    check_org(org)
    _check_name(name)
    if Path(settings.HOME) != Path(home).absolute():
        raise InputError(
            _("CABLEROOM_HOME names another folder."),
            where=str(home),
            do=_("Set it to this one."),
            code="home",
        )
    wanted = chosen or default_policy(org, word_list=word_list)
    prepare_folder(Path(home), org=org, name=name, database=database, config=config, now=now)
    call_command("migrate", verbosity=0, interactive=False)
    there = OrganisationRow.objects.first()
    if there is not None and _is_whole(there.org):
        raise StateError(
            _("There is already an organisation here: %(org)s.") % {"org": there.org},
            where=str(home),
            do=_("Choose another folder with CABLEROOM_HOME."),
            code="already-founded",
        )
    actor = acting(by, now=now)
    keystore.make_log_key(HOUSE, made=now)
    ledger.create_register(HOUSE, org=org)
    _enter_organisation(org, name, actor)
    if not PolicyRow.objects.exists():
        policy.register_policy(wanted, by=by, now=now)
    certificates.make_archive_key(HOUSE, actor=actor, now=now)
    certificates.refresh_list(now=now)
    certificates.make_line(name=f"line {secrets.token_hex(4)}", actor=actor, now=now)


def prepare_folder(
    home: Path, *, org: str, name: str, now: datetime, database: str | None = None, config: str = ""
) -> None:
    """The files: config.toml, and in keys/ (0700, files 0600) master key, authority and web secret."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if not (home / CONFIG).exists():
        write_durably(home / CONFIG, _config(org, name, database, config).encode("utf-8"), below=home)
    if not (folder / keystore.MASTER).exists():
        keystore.write(keystore.MASTER, keys.new_archive_key())
    if not (folder / keystore.WEB_SECRET).exists():
        keystore.write(keystore.WEB_SECRET, secrets.token_urlsafe(48).encode("ascii"))
    if not (folder / keystore.AUTHORITY_CERTIFICATE).exists():  # written last of the two
        key = keys.new_signing_key()
        keystore.write_authority(key, trust.make_authority(org, key, now=now))


def create_post(
    name: str,
    *,
    now: datetime,
    by: Person | None = None,
    ceiling: str | None = None,
    roles: tuple[RoleRule, ...] | None = None,
    routes: tuple[tuple[str, str], ...] = (),
) -> Post:
    """A post of this installation: its register, its keys and certificates, its roles.

    `roles` None: those of the policy. `routes` are what its card will say, besides its mail address.
    Raises `StateError` if there is such a post already.
    """
    post = Post(own_org(), check_name(name))
    actor = acting(by, now=now)
    present = policy.current()
    if ceiling is not None:
        present.level(ceiling)
    if _is_ready(post):
        raise StateError(_("There is already a post %(post)s.") % {"post": name}, code="post-exists")
    _refuse_taken(post)
    keystore.make_log_key(str(post), made=now)
    view = ledger.create_register(str(post))

    data = post_data(post, ceiling, DEFAULT_PROFILE, view.origin, view.vkey)
    record("Directory", data, actor=actor, key=f"post:{post}", within=lambda turn: _refuse_taken(post))
    have = set(RoleRow.objects.filter(post=str(post)).values_list("role", flat=True))
    for rule in present.roles if roles is None else roles:
        if rule.role not in have:
            add_role(post, rule.role, permissions=rule.permissions, by=by, now=now)
    if routes:
        set_routes(post, routes, by=by, now=now)
    certificates.complete_keys(post, actor=actor, now=now)
    return post


def _refuse_taken(post: Post) -> None:
    if PostRow.objects.filter(post=str(post), own=False).exists():
        raise StateError(
            _("%(post)s is a post of another installation of this organisation.") % {"post": post.name},
            do=_("Choose another name."),
            code="post-exists",
        )
    if CollectiveRow.objects.filter(name=post.name).exists():
        raise StateError(
            _("%(name)s is a collective.") % {"name": post.name},
            do=_("Choose another name."),
            code="name-taken",
        )


def _enter_organisation(org: str, name: str, actor: Actor) -> None:
    certificate = keystore.authority_certificate()
    authority = trust.authority_id(certificate)
    data = {"change": "organisation", "org": org, "name": name, "authority": authority}
    record("Directory", data, actor=actor, key="organisation")
    found_certificate = x509.read(certificate)
    record(
        "Key",
        {
            "post": None,
            "use": "authority",
            "certificate": b64(certificate),
            "sha256": found_certificate.sha256,
            "from": stamp(found_certificate.not_before),
            "until": stamp(found_certificate.not_after),
        },
        actor=actor,
        key="key::authority:0",
    )


def _is_whole(org: str) -> bool:
    """Was a founding of `org` carried to its end? The line is the last thing made."""
    return CertificateRow.objects.filter(use="line", own=True).exists() and keystore.line_key().is_file()


def _is_ready(post: Post) -> bool:
    uses = set(CertificateRow.objects.filter(post=str(post), own=True).values_list("use", flat=True))
    return PostRow.objects.filter(post=str(post), own=True).exists() and uses >= set(certificates.POST_USES)


def _config(org: str, name: str, database: str | None, more: str) -> str:
    lines = ["# The settings of this installation: docs/operators/settings.md", "", "[organisation]"]
    lines += [f"org = {_toml(org)}", f"name = {_toml(name)}", ""]
    if database:
        lines += ["[database]", f"url = {_toml(database)}", ""]
    return "\n".join(lines) + more


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string of printable characters is a TOML one


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > 200:
        raise InputError(
            _("The organisation's name is one line that is not empty."), code="organisation-name"
        )

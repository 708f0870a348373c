"""The keys of this installation, made at the first start and readable by this user only.

    <data>/keys/tickets.json   private Ed25519 keys (JWK set, RFC 7517), newest last; 0600
    <data>/keys/public.json    the public halves, for relay nodes; 0644
    <data>/keys/node-secret    what the coordinator shows to a node's control API; 0600
    <data>/keys/sources.key    what encrypts the addresses of recording hosts in the database; 0600

A node verifies with any key of the public file, so that an older key opens its tickets until they
expire. `kid` is the key's thumbprint (RFC 7638).
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from scheduler.organisation.sealing import KEY_BYTES, Seal
from server.process.files import write_once, write_whole


class KeyFileError(Exception):
    """a key file of this installation cannot be used"""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that new tickets are signed with."""

    kid: str
    key: OKPKey


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What the process needs of the key folder."""

    signing: SigningKey
    public_file: Path
    secret_file: Path
    node_secret: str
    seal: Seal


def open_keyring(folder: Path) -> KeyRing:
    """Return the keys in `folder`, made where they are missing; raise KeyFileError if damaged."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_file, public_file = folder / "tickets.json", folder / "public.json"
    if not private_file.exists():
        write_whole(private_file, json.dumps({"keys": [_new_key()]}))
    keys = _read_keys(private_file)
    public = {"keys": [_public_part(key) for key in keys]}
    write_whole(public_file, json.dumps(public, indent=1))
    newest = keys[-1]
    return KeyRing(
        signing=SigningKey(str(newest.kid), newest),
        public_file=public_file,
        secret_file=folder / "node-secret",
        node_secret=_node_secret(folder / "node-secret"),
        seal=_seal(folder / "sources.key"),
    )


def _new_key() -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519")
    return {**key.as_dict(private=True), "kid": key.thumbprint(), "alg": "Ed25519", "use": "sig"}


def _public_part(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.kid, "alg": "Ed25519", "use": "sig"}


def _read_keys(file: Path) -> list[OKPKey]:
    _insist_on_privacy(file)
    try:
        keys = [OKPKey.import_key(entry) for entry in json.loads(file.read_text())["keys"]]
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise KeyFileError(f"{file} is not a set of keys: {error}") from None
    if not keys or any(not key.is_private or not key.kid for key in keys):
        raise KeyFileError(f"{file} holds no private key with a kid")
    return keys


def _node_secret(file: Path) -> str:
    if not file.exists():
        write_whole(file, secrets.token_urlsafe(32) + "\n")
    _insist_on_privacy(file)
    secret = file.read_text().strip()
    if len(secret) < 32:
        raise KeyFileError(f"{file} holds less than 32 characters")
    return secret


def _seal(file: Path) -> Seal:
    """Return the seal. Its key must never be replaced: what it encrypted would be lost."""
    write_once(file, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii") + "\n")
    _insist_on_privacy(file)
    try:
        return Seal(base64.b64decode(file.read_text("ascii"), validate=False))
    except ValueError:
        raise KeyFileError(f"{file} is not a sealing key") from None


def _insist_on_privacy(file: Path) -> None:
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise KeyFileError(f"{file} can be read by others: set its mode to 0600")

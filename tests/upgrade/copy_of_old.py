"""The copy that the version before has left, and how it is laid out for a product to start on."""

import base64
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc.jwk import OKPKey

COPY = Path(__file__).with_name("copy")
DATABASE, JOURNAL, SAID = COPY / "database.sql", COPY / "journal", COPY / "said.json"
NODE = "n1"


def token_hash(token: str) -> str:
    """Return what that version kept of a device token."""
    return hashlib.sha256(token.encode()).hexdigest()


def write_seal_key(keys: Path) -> None:
    """Make the key that closes addresses of recording hosts: from a sentence that all may know."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = hashlib.sha512(b"the key of a copy for tests opens nothing else").digest()
    _write_privately(keys / "sources.key", base64.b64encode(made).decode("ascii") + "\n")


def write_ticket_key(keys: Path) -> OKPKey:
    """Make a key that signs tickets, in the file as that version wrote it, and return it."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = OKPKey.generate_key("Ed25519")
    whole = {**key.as_dict(private=True), "kid": key.thumbprint(), "alg": "Ed25519", "use": "sig"}
    _write_privately(keys / "tickets.json", json.dumps({"keys": [whole]}))
    return key


def write_orders(file: Path, lesson: str, device: str) -> None:
    """Let two orders wait for the node, as that version kept them: a close and a revocation."""
    until = (datetime.now(UTC) + timedelta(hours=1)).timestamp()  # noqa: TID251 - the real time
    told = [("close", [lesson], "ended"), ("revoke", [device], "")]
    orders = [
        {"node": NODE, "kind": kind, "names": names, "reason": reason, "until": until}
        for kind, names, reason in told
    ]
    _write_privately(file, json.dumps(orders))


def _write_privately(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    file.chmod(0o600)


def lay_out(data: Path) -> None:
    """Make the data folder as that version had left it; keys that are missing it makes itself."""
    write_seal_key(data / "keys")
    shutil.copytree(JOURNAL, data / "nodes" / NODE / "journal")
    with closing(sqlite3.connect(data / "tongke.db")) as db:
        db.executescript(DATABASE.read_text("utf-8"))

"""What is sealed opens with the same key for the same owner, and not otherwise."""

import base64

import pytest

from scheduler.organisation.sealing import KEY_BYTES, Seal, SealError, is_sealed, shown

SEAL = Seal(bytes(range(KEY_BYTES)))
SECRET = "rtsp://teacher:word@10.1.2.3:554/主码流?token=other"


def test_a_secret_comes_back_and_the_same_one_looks_the_same() -> None:
    stored = SEAL.close(SECRET, "r1")
    assert SEAL.open(stored, "r1") == SECRET
    assert stored == SEAL.close(SECRET, "r1")
    assert is_sealed(stored)
    assert not is_sealed(SECRET)
    for part in ("teacher", "word", "10.1.2.3"):
        assert part not in stored


def test_nothing_stays_nothing() -> None:
    assert (SEAL.close("", "r1"), SEAL.open("", "r1")) == ("", "")


def test_neither_another_key_nor_another_owner_opens_it() -> None:
    stored = SEAL.close(SECRET, "r1")
    assert stored != SEAL.close(SECRET, "r2")
    for seal, owner in ((Seal(bytes(KEY_BYTES)), "r1"), (SEAL, "r2")):
        with pytest.raises(SealError):
            seal.open(stored, owner)


def test_a_change_of_any_byte_is_noticed() -> None:
    raw = base64.urlsafe_b64decode(SEAL.close(SECRET, "r1").removeprefix("siv1:"))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(SealError):
            SEAL.open("siv1:" + base64.urlsafe_b64encode(changed).decode(), "r1")


@pytest.mark.parametrize("stored", [SECRET, "siv1:", "siv1:?", "siv1:AAAA", "siv2:AAAA"])
def test_what_is_no_seal_is_refused_without_quoting_it(stored: str) -> None:
    with pytest.raises(SealError) as refused:
        SEAL.open(stored, "r1")
    assert "word" not in str(refused.value)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Seal(bytes(32))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (SECRET, "rtsp://10.1.2.3:554"),
        ("rtsps://h/x", "rtsps://h"),
        ("rtsp://u:p@word@h/x", "rtsp://h"),
        ("rtsp://u:p@[fd00::1]:8554/x", "rtsp://[fd00::1]:8554"),
        ("", ""),
    ],
)
def test_what_is_shown_is_the_host_alone(address: str, told: str) -> None:
    assert shown(address) == told

"""The puller's configuration, and its secret."""

import json

import pytest

from media.client.rtsp.pull import Puller, masked
from media.client.rtsp.rtsp import SourceConfigError, parse_config
from media.client.session.address import StageAddress

SECRET = "rtsp://teacher:word@10.1.2.3:554/live?token=other"


def text(**changes: object) -> str:
    body: dict[str, object] = {
        "source": SECRET,
        "stage": "l1",
        "ticket": "t",
        "nodes": ["http://a:1/", "http://b:2"],
    }
    return json.dumps({k: v for k, v in (body | changes).items() if v is not None})


def test_a_configuration_names_the_nodes_in_order() -> None:
    config = parse_config(text())
    assert config.addresses == (
        StageAddress("http://a:1", "l1", "t"),
        StageAddress("http://b:2", "l1", "t"),
    )
    assert config.source == SECRET


def test_an_address_is_masked_down_to_its_host() -> None:
    assert masked(SECRET) == "rtsp://10.1.2.3:554"
    for part in ("teacher", "word", "other"):
        assert part not in repr(parse_config(text()))


@pytest.mark.parametrize(
    "wrong", ["", "[]", "7", text(nodes=[]), text(nodes=3), text(source=None), text(stage=None)]
)
def test_a_wrong_configuration_is_refused_without_quoting_it(wrong: str) -> None:
    with pytest.raises(SourceConfigError) as refused:
        parse_config(wrong)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize("address", ["/etc/passwd", "http://h/x", "file:///x", "concat:a|b"])
def test_only_rtsp_is_pulled(address: str) -> None:
    with pytest.raises(ValueError, match="rtsp://"):
        Puller(address, lambda unit: None, lambda text: None, lambda: 0.0, lambda: None)

import array
import math

import pytest

from media.client.clip.tone import level, thinned, tone_share
from media.client.session.media_probe import AudioProbe, VideoProbe


def sine(hertz: float, amplitude: float, samples: int = 4800) -> bytes:
    """Interleaved stereo at 48 kHz."""
    values = array.array("h")
    for at in range(samples):
        value = int(32767 * amplitude * math.sin(2 * math.pi * hertz * at / 48000))
        values.extend((value, value))
    return values.tobytes()


def test_the_level_of_a_sine_is_its_amplitude_over_root_two() -> None:
    assert level(sine(440, 0.1)) == pytest.approx(0.1 / math.sqrt(2), rel=0.01)
    assert level(b"") == 0.0
    assert level(bytes(3840)) == 0.0


@pytest.mark.parametrize("hertz", [440, 660])
def test_a_tone_is_found_and_another_is_not(hertz: int) -> None:
    samples = thinned(sine(hertz, 0.05))
    assert tone_share(samples, hertz) > 0.95
    assert tone_share(samples, 1100 - hertz) < 0.01


def test_silence_holds_no_tone() -> None:
    assert tone_share([0] * 100, 440) == 0.0


def test_hearing_keeps_the_loudest_level_until_it_is_asked() -> None:
    probe = AudioProbe()
    probe.add(sine(450, 0.5, 960), 1.0)
    probe.add(sine(450, 0.1, 960), 2.0)
    assert probe.take_loudest() == pytest.approx(0.5 / math.sqrt(2), rel=0.05)
    assert probe.take_loudest() == 0.0
    assert (probe.frames, probe.last_at) == (2, 2.0)
    assert probe.tone_share(450) > 0.6  # a step in loudness spreads the spectrum


def test_sight_counts_pictures_and_those_that_differ() -> None:
    probe = VideoProbe()
    still, moved = bytes(64 * 32), bytes(64 * 16) + b"\x40" * (64 * 16)
    for at, picture in enumerate((still, still, moved, still)):
        probe.add(memoryview(picture), 64, 60, 32, float(at))
    assert (probe.frames, probe.changed, probe.width, probe.height) == (4, 2, 60, 32)

"""Colours that everyone can read, a chime that sounds."""

import wave

import pytest

from client_agent.window.sound import NOTES, RATE, Chime, samples
from client_agent.window.style import DARK, LIGHT, PAIRS, Colours, contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(colours: Colours) -> None:
    poor = {
        pair: round(contrast(*(getattr(colours, name) for name in pair)), 2)
        for pair in PAIRS
        if contrast(*(getattr(colours, name) for name in pair)) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_edge_of_a_control_and_the_focus_can_be_seen(colours: Colours) -> None:
    for edge in (colours.control, colours.focus, colours.accent, colours.danger):
        assert contrast(edge, colours.card) >= 3


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_chime_is_short_and_never_clipped() -> None:
    sound = samples()
    assert len(sound) == 2 * sum(int(RATE * seconds) for _, seconds in NOTES)
    chime = Chime()
    with wave.open(str(chime._written())) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
    path = chime._written()
    chime.close()
    assert not path.exists()

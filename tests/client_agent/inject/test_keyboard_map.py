"""Which keys give which characters, by a table like the one that an X server has of a Spanish keyboard."""

from client_agent.inject import keys
from client_agent.inject.keyboard_map import LEVEL_3, KeyboardMap, Stroke

ACUTE, DIAERESIS = 0xFE51, 0xFE57
FIRST = 24
ROWS = [
    [ord("e"), ord("E"), ord("e"), ord("E"), keys.of_character("€"), 0],
    [ord("u"), ord("U"), ord("u"), ord("U"), 0, 0],
    [ACUTE, DIAERESIS, ACUTE, DIAERESIS, ord("{"), 0],
    [ord("<"), ord(">"), ord("<"), ord(">"), 0, 0],
    [ord("z"), ord("Z"), ord("z"), ord("Z"), 0, ord("<")],
    [keys.SHIFT, 0, keys.SHIFT, 0, 0, 0],
    [LEVEL_3, 0, LEVEL_3, 0, 0, 0],
    [ord(" "), 0, ord(" "), 0, 0, 0],
]
E, U, DEAD, LESS, SPACE = Stroke(16), Stroke(17), Stroke(18), Stroke(19), Stroke(23)


def strokes(character: str, rows: list[list[int]] = ROWS) -> tuple[Stroke, ...]:
    return KeyboardMap(FIRST, rows).strokes(keys.of_character(character))


def test_characters_of_the_four_levels() -> None:
    assert strokes("e") == (E,)
    assert strokes("E") == (Stroke(16, shift=True),)
    assert strokes("€") == (Stroke(16, level_3=True),)
    assert strokes("<") == (LESS,), "the easiest of two keys"


def test_accents_come_by_their_dead_keys() -> None:
    assert strokes("é") == (DEAD, E)
    assert strokes("Ü") == (Stroke(18, shift=True), Stroke(17, shift=True))
    assert strokes("´") == (DEAD, DEAD)


def test_what_no_key_gives_is_said_so() -> None:
    for character in "ñ日^è":
        assert strokes(character) == ()


def test_a_level_without_its_modifier_is_none() -> None:
    without = [row for row in ROWS if row[0] not in (keys.SHIFT, LEVEL_3)]
    assert strokes("E", without) == strokes("€", without) == ()
    assert strokes("e", without) == (E,)


def test_of_two_layouts_it_is_not_known_which_counts() -> None:
    greek = [[*row[:2], 0x010003B5, 0x01000395, *row[4:]] if row[0] == ord("e") else row for row in ROWS]
    assert strokes("e", greek) == ()


def test_a_table_without_rows_knows_nothing() -> None:
    assert strokes("e", []) == ()

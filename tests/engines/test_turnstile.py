"""Who may go when."""

import threading

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.turnstile import Turnstile


def unheard(place: int) -> None:
    raise AssertionError(f"told to wait at place {place}")


def test_as_many_go_at_once_as_there_are_places() -> None:
    turnstile = Turnstile(places=2)
    with turnstile.turn(CancelToken(), unheard) as first, turnstile.turn(CancelToken(), unheard) as second:
        assert first and second and len(turnstile) == 2


def test_who_finds_all_places_taken_knows_how_many_go_first() -> None:
    turnstile = Turnstile(places=2)
    told: list[int] = []
    walked_away = CancelToken()

    def note(place: int) -> None:
        told.append(place)
        walked_away.cancel()

    first, second = turnstile.turn(CancelToken(), unheard), turnstile.turn(CancelToken(), unheard)
    with first, second, turnstile.turn(walked_away, note) as ours:
        assert not ours and told == [1]


def test_the_next_in_line_goes_when_a_place_is_left() -> None:
    turnstile = Turnstile(places=2)
    waiting = threading.Event()
    went: list[bool] = []

    def third() -> None:
        with turnstile.turn(CancelToken(), lambda place: waiting.set()) as ours:
            went.append(ours)

    thread = threading.Thread(target=third)
    with turnstile.turn(CancelToken(), unheard):
        with turnstile.turn(CancelToken(), unheard):
            thread.start()
            assert waiting.wait(30)
        thread.join(30)
        assert went == [True]

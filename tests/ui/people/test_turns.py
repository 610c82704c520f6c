"""A crowd of guessers does not keep out a user with the right password, even at the first sign-in since the start."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.people.making import PASSWORDS, People, basic, quick_hashes
from ui.limits import HELD_PER_ADDRESS, MOST_COMPARED
from ui.people.person import Person
from ui.people.turns import Turns
from ui.server.braking import Brake
from ui.server.signing_in import SignIn

if TYPE_CHECKING:
    from pathlib import Path

COMPARISON = 0.02  # seconds
CROWD = 200


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    quick_hashes(monkeypatch)
    return People.at(tmp_path / "users.json")


def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    compared: list[str] = []

    def fits(password: str, _kept: str) -> bool:
        compared.append(password)
        time.sleep(COMPARISON)
        return password in PASSWORDS.values()

    monkeypatch.setattr("ui.server.signing_in.fits", fits)
    return compared


async def crowded(sign_in: SignIn, address: Any, name: str, own: str, *, wrong_before: int) -> tuple[Any, int]:
    """Sign in while a crowd guesses passwords of a name; return the result, and how many were compared meanwhile."""
    brake = Brake()
    for number in range(CROWD):
        for _ in range(wrong_before):
            brake._count(address(number))
            brake._of_name(name)

    async def once(where: str, password: str) -> Any:
        scope: Any = {"type": "http", "headers": [], "client": (where, 1)}
        headers = {"authorization": basic(name, password)}
        return await sign_in.identify(scope, headers, bearer=False, wrong=brake.weight)

    guesses = [asyncio.create_task(once(address(number), f"geraten {number}")) for number in range(CROWD)]
    await asyncio.sleep(COMPARISON)
    before = sum(task.done() for task in guesses)
    found = await once(own, PASSWORDS[name])
    meanwhile = sum(task.done() for task in guesses) - before
    for task in guesses:
        task.cancel()
    await asyncio.gather(*guesses, return_exceptions=True)
    return found, meanwhile


@pytest.mark.parametrize("one_address", [True, False])
def test_the_right_password_goes_before_those_who_were_wrong(
    people: People, monkeypatch: pytest.MonkeyPatch, one_address: bool
) -> None:
    compared = slow(monkeypatch)
    address = (lambda _: "192.0.2.7") if one_address else (lambda number: f"192.0.2.{number}")
    found, _ = asyncio.run(crowded(SignIn(people.file.path), address, "anna", "198.51.100.1", wrong_before=3))
    assert isinstance(found, Person)
    assert compared.index(PASSWORDS["anna"]) <= 4


def test_who_has_signed_in_from_his_address_goes_before_all(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = slow(monkeypatch)
    sign_in = SignIn(people.file.path)
    scope: Any = {"type": "http", "headers": [], "client": ("192.0.2.7", 1)}

    async def work() -> None:
        headers = {"authorization": basic("anna", PASSWORDS["anna"])}
        assert isinstance(await sign_in.identify(scope, headers, bearer=False), Person)
        sign_in._right.clear()  # as after a change of the password
        compared.clear()
        # Nobody in the crowd has been wrong yet.
        found, _ = await crowded(sign_in, lambda number: f"203.0.113.{number}", "anna", "192.0.2.7", wrong_before=0)
        assert isinstance(found, Person)

    asyncio.run(work())
    assert compared.index(PASSWORDS["anna"]) <= 4


def test_a_password_that_was_right_before_waits_for_nobody(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    sign_in = SignIn(people.file.path)
    scope: Any = {"type": "http", "headers": [], "client": ("198.51.100.1", 1)}

    async def work() -> int:
        headers = {"authorization": basic("anna", PASSWORDS["anna"])}
        await sign_in.identify(scope, headers, bearer=False)
        found, meanwhile = await crowded(sign_in, lambda number: f"192.0.2.{number}", "anna", "::1", wrong_before=0)
        assert isinstance(found, Person)
        return meanwhile

    assert asyncio.run(work()) == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=60))
def test_each_who_waits_is_called_or_sent_away_and_the_lightest_first(steps: list[tuple[int, int, bool]]) -> None:
    async def work() -> None:
        turns = Turns()
        assert await turns.take("first", 0)
        called: list[int] = []

        async def wait(address: int, weight: int) -> bool:
            if not await turns.take(f"{address}", weight):
                return False
            called.append(weight)
            return True

        tasks = [(asyncio.create_task(wait(address, weight)), goes) for address, weight, goes in steps]
        await asyncio.sleep(0)
        assert len(turns._waiting) <= MOST_COMPARED
        for address in range(4):
            assert sum(one.address == f"{address}" for one in turns._waiting) <= HELD_PER_ADDRESS
        for task, goes in tasks:
            if goes:
                task.cancel()
        turns._forget_gone()
        waiting = sorted(one.weight for one in turns._waiting)
        for _ in waiting:
            turns.leave()
            await asyncio.sleep(0)
        assert called == waiting
        turns.leave()
        results = await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert sum(result is True for result in results) == len(waiting)
        assert await asyncio.wait_for(turns.take("last", 9), 1)

    asyncio.run(work())


def test_a_turn_that_comes_as_its_owner_goes_is_the_next_ones() -> None:
    async def work() -> None:
        turns = Turns()
        assert await turns.take("a", 0)
        gone, next_one = asyncio.create_task(turns.take("b", 0)), asyncio.create_task(turns.take("c", 1))
        await asyncio.sleep(0)
        turns.leave()
        gone.cancel()
        assert await asyncio.wait_for(next_one, 1)

    asyncio.run(work())

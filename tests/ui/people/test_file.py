"""The users file can be read after every change, and an interrupted change loses nothing."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import RagError
from tests.ui.people.making import quick_hashes
from ui.people import passwords
from ui.people.audit import Audit
from ui.people.book import Book, checked_name, digest_of
from ui.people.file import PeopleFile
from ui.people.person import Person, derived_key, person_in
from ui.people.watched import Watched
from ui.server.signing_in import SignIn

ROOT = Path(__file__).parents[3]
NAMES = st.sampled_from(["anna", "bert", "Zoë", "名前", "with space", "a", "", "a:b", " x", "n\nl", "x" * 65])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), NAMES, st.sampled_from(["reader", "editor"])),
        st.tuples(st.just("remove"), NAMES, st.just("")),
        st.tuples(st.just("password"), NAMES, st.text(max_size=5)),
        st.tuples(st.just("token"), NAMES, NAMES),
        st.tuples(st.just("revoke"), st.integers(0, 4), st.just("")),
    ),
    max_size=12,
)


@pytest.fixture
def file(tmp_path: Path) -> PeopleFile:
    return PeopleFile(tmp_path / "users.json")


def _instead(new: Book, _: Book) -> Book:
    return new


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_leaves_a_file_that_reads_back(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    file = PeopleFile(tmp_path_factory.mktemp("people") / "users.json")
    roles: dict[str, str] = {}
    hashes: dict[str, str] = {}
    secrets: dict[str, tuple[str, str]] = {}  # by id: the token, and the user it acts for
    file.change(lambda book: book, begin=True)
    for step, name, what in steps:
        before = file.read()
        try:
            if step == "add":
                new = before.with_user(name, what, "h")
                assert name not in roles
                roles[name], hashes[name] = what, "h"
            elif step == "remove":
                new = before.without_user(name)
                del roles[name], hashes[name]
                secrets = {key: one for key, one in secrets.items() if one[1] != name}
            elif step == "password":
                new = before.with_password(name, what)
                assert name in hashes
                hashes[name] = what
            elif step == "token":
                new, token, secret = before.with_token(name, user=what, role="reader", days=1, now=1_000)
                secrets[token.id] = (secret, what)
            else:
                identifier = next(iter(list(secrets)[name:]), "none")
                new = before.without_token(identifier)
                del secrets[identifier]
        except RagError:
            new = before
        replaced = file.change(partial(_instead, new))
        read = file.read()
        assert read == replaced == new
        assert {one.name: one.role for one in read.users} == roles
        assert {one.name: one.hash for one in read.users} == hashes
        assert {one.id for one in read.tokens} == set(secrets)
        for secret, _ in secrets.values():
            assert read.bearer(secret, 1_001) is not None
            assert secret not in file.path.read_text("utf-8")
        assert len({one.key for one in (*read.users, *read.tokens) if one.key}) == len(
            [one for one in (*read.users, *read.tokens) if one.key]
        )
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


DEATH = """
import os, signal, sys
from pathlib import Path
from ui.people.file import PeopleFile
def dies(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
function, after = getattr(os, sys.argv[2]), sys.argv[3] == "after"
def wrapped(*given, **more):
    if not after:
        dies()
    function(*given, **more)
    dies()
setattr(os, sys.argv[2], wrapped)
PeopleFile(Path(sys.argv[1])).change(lambda book: book.with_user("bert", "reader", ""))
"""


@pytest.mark.skipif(os.name != "posix", reason="kills itself")
@pytest.mark.parametrize(
    ("place", "when", "there"),
    [("fsync", "before", False), ("fsync", "after", False), ("replace", "before", False), ("replace", "after", True)],
)
def test_a_kill_in_mid_write_loses_nothing(file: PeopleFile, place: str, when: str, there: bool) -> None:
    file.change(lambda book: book.with_user("anna", "editor", "h"), begin=True)
    command = [sys.executable, "-c", DEATH, str(file.path), place, when]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode == -9
    assert [one.name for one in file.read().users] == (["anna", "bert"] if there else ["anna"])
    file.change(lambda book: book.with_user("cora", "reader", ""))  # the killed process does not hold its lock
    assert file.read().user("cora") is not None
    assert {one.name for one in file.path.parent.iterdir()} <= {"users.json", "users.json.lock"}


def test_what_is_no_users_file_is_said_in_one_line(file: PeopleFile) -> None:
    for data in (b"", b"{", b"[]", b"\xff", b'{"version": 2}', b'{"users": [{}]}', b'{"users": [{"role": "king"}]}'):
        file.path.write_bytes(data)
        file.path.chmod(0o600)
        with pytest.raises(RagError) as caught:
            file.read()
        assert "\n" not in str(caught.value)
        with pytest.raises(RagError):
            file.change(lambda book: book.with_user("anna", "reader", ""), begin=True)
        assert file.path.read_bytes() == data


@pytest.mark.skipif(os.name != "posix", reason="has no such rights")
def test_a_file_that_others_may_read_is_refused(file: PeopleFile) -> None:
    file.change(lambda book: book, begin=True)
    file.path.chmod(0o640)
    with pytest.raises(RagError, match="chmod 600"):
        file.read()


def test_a_name_given_again_inherits_nothing() -> None:
    book = Book().with_user("anna", "reader", "h")
    before = book.the_user("anna").key
    assert book.with_password("anna", "i").the_user("anna").key == before
    assert book.without_user("anna").with_user("anna", "reader", "h").the_user("anna").key != before


def test_a_token_ends_with_its_time_its_user_and_its_users_role() -> None:
    book = Book().with_user("anna", "editor", "h")
    book, token, secret = book.with_token("bot", user="anna", role="editor", days=2, now=100)
    assert token.digest == digest_of(secret)
    assert book.bearer(secret, 100 + 2 * 86_400 - 1) == book.the_user("anna").person
    assert book.bearer(secret, 100 + 2 * 86_400) is None
    assert book.bearer(token.digest, 101) is None
    assert book.without_user("anna").tokens == ()
    assert book.without_user("anna").with_user("anna", "editor", "h").bearer(secret, 101) is None
    with pytest.raises(RagError, match="cannot be an editor's"):
        Book().with_user("bert", "reader", "h").with_token("bot", user="bert", role="editor", days=1, now=0)


def test_the_running_app_sees_each_change_and_trusts_no_broken_file(file: PeopleFile, caplog: Any) -> None:
    file.change(lambda book: book.with_user("anna", "reader", "h"), begin=True)
    watched = Watched(file)
    file.change(lambda book: book.without_user("anna"))
    assert watched.book() == file.read()
    whole = file.path.read_bytes()
    file.path.write_bytes(b"{")
    assert watched.book() is None
    assert watched.book() is None
    assert len([one for one in caplog.records if "nobody can sign in" in one.message]) == 1
    file.path.unlink()
    assert watched.book() is None
    file.path.write_bytes(whole)
    file.path.chmod(0o600)
    assert watched.book() is not None


@given(st.text(max_size=70))
def test_a_name_that_is_taken_goes_through_a_header_unchanged(name: str) -> None:
    try:
        composed = checked_name(name)
    except RagError:
        return
    person = Person(composed, "editor", "k" * 43)
    assert person.header.isascii()
    assert person_in({"x-quellentreu-person": person.header}) == person
    assert checked_name(composed) == composed


def test_passwords_are_kept_as_argon2_and_compared_composed(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_hashes(monkeypatch)
    kept = passwords.hashed("Grüße und mehr")
    assert kept.startswith("$argon2id$")
    assert passwords.fits("Gru\u0308ße und mehr", kept)
    assert not passwords.fits("Grüße und meh", kept)
    assert not passwords.fits("", "")
    assert not passwords.fits("nobody's password", "")
    assert not passwords.fits("x", "no hash at all")
    for password in ("kurz", "x" * 1_001):
        with pytest.raises(RagError, match="characters"):
            passwords.hashed(password)


def test_an_unknown_name_is_hashed_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_hashes(monkeypatch)
    hasher = passwords._hasher()
    verified: list[str] = []

    class Counting:
        hash = staticmethod(hasher.hash)

        @staticmethod
        def verify(kept: str, password: str) -> bool:
            verified.append(kept.rsplit("$", 2)[0])
            return bool(hasher.verify(kept, password))

    kept = passwords.hashed("Annas Passwort 1")
    monkeypatch.setattr(passwords, "_hasher", lambda: Counting)
    assert not passwords.fits("falsch", kept)
    assert not passwords.fits("falsch", "")
    assert verified[0] == verified[1]  # the same parameters
    assert json.dumps(verified).count("argon2id") == 2


def test_a_read_that_failed_is_tried_again(file: PeopleFile, caplog: pytest.LogCaptureFixture) -> None:
    """For example, no more files could be opened for a moment; the file itself has not changed."""
    file.change(lambda book: book, begin=True)
    watched = Watched(file)
    file.change(lambda book: book)
    reading = pytest.MonkeyPatch()

    def full() -> Book:
        raise RagError("users.json: Too many open files.")

    with reading.context() as patch:
        patch.setattr(file, "read", full)
        assert [watched.book(), watched.book()] == [None, None]
    assert len(caplog.records) == 1
    assert watched.book() == file.read()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_the_file_and_its_audit_to_the_one_whom_they_belong_to(file: PeopleFile) -> None:
    file.change(lambda book: book.with_user("anna", "reader", "h"), begin=True)
    os.chown(file.path, 12_345, 12_346)
    with Audit(file.path).kept("user added"):
        file.change(lambda book: book.with_user("bert", "reader", "h"))
    for one in (file.path, Audit(file.path).path):
        found = one.stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12_345, 12_346, 0o600)


def test_a_file_that_may_not_be_read_is_one_line_at_the_start_and_lets_nobody_in_later(
    file: PeopleFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file.change(lambda book: book.with_user("anna", "reader", "h"), begin=True)
    watched = Watched(file)
    assert watched.book() is not None
    file.change(lambda book: book.with_user("bert", "reader", "h"))

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert [watched.book(), watched.book()] == [None, None]
    assert len([one for one in caplog.messages if "this process may not read the users file" in one]) == 1
    for begin in (lambda: SignIn(file.path), lambda: Watched(file)):
        with pytest.raises(RagError, match="this process may not read the users file") as caught:
            begin()
        assert "chown" in str(caught.value)


def test_who_comes_by_a_proxy_keeps_what_is_his_when_he_is_listed() -> None:
    book = Book()
    before = derived_key(book.secret, "anna")
    listed = book.with_user("anna", "editor", "")
    assert listed.the_user("anna").key == before
    assert listed.with_password("anna", "h").the_user("anna").key == before
    again = listed.without_user("anna").with_user("anna", "reader", "")
    assert again.the_user("anna").key == before
    assert book.with_user("anna", "reader", "h").the_user("anna").key != before

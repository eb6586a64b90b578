"""What a disk holds after the power failed: a program's system calls, traced and replayed onto a model of the disk.

Only what was flushed is sure to be there. Of what was written and not flushed, any part may be: whole writes or single
sectors of them. Names count as flushed once their folder was; until then the last changes of them may be gone.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.simulator import ROOT

SECTOR = 512
CALLS = (
    "pwrite64,write,pwritev,pwritev2,writev,ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,open,openat,creat,sendto,sendmsg"
)
_PLAIN = re.compile(r"^(\d+) +(\w+)\((.*?)(?:\) += (-?\d+|\?).*| <unfinished \.\.\.>)$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*\) += (-?\d+|\?)")
_HEX = re.compile(r"((?:\\x[0-9a-f]{2})+)")
_DATABASE = re.compile(r"\.(db|unfinished|restoring)(-wal|-journal)?$")
_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_LONGEST_STRING = 1_000_000


def strace() -> str | None:
    """The tracer, where there is one that may trace."""
    tracer = shutil.which("strace")
    if tracer is None:
        return None
    probe = subprocess.run([tracer, "-o", "/dev/null", "/bin/true"], capture_output=True, check=False)
    return tracer if probe.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes written at a place of a file."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file given another length."""

    path: str
    length: int


@dataclass(frozen=True, slots=True)
class FlushBegun:
    """A flush of a file or folder has begun; what is written from now on is not part of it."""

    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Flushed:
    """The flush of this number has come back."""

    number: int


@dataclass(frozen=True, slots=True)
class Named:
    """A file has this name now: made, or renamed from `before`."""

    path: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A name was taken away."""

    path: str


@dataclass(frozen=True, slots=True)
class Told:
    """Bytes that left the program for a peer or for whoever reads its output."""

    data: bytes


Event = Write | Cut | FlushBegun | Flushed | Named | Unnamed | Told


def traced(tracer: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, trace: Path) -> str:
    """Run a command to its end under the tracer; returns its output. `folder` is what it is watched in."""
    strings = ["-f", "-y", "-xx", "-s", str(_LONGEST_STRING), "-e", f"trace={CALLS}", "-e", "signal=none"]
    done = subprocess.run(
        [tracer, *strings, "--seccomp-bpf", "-o", str(trace), *command],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert any(folder.iterdir())
    return done.stdout


def events_of(trace: Path, folder: Path) -> list[Event]:
    """What happened to the files of this folder, and what was told, in order."""
    events: list[Event] = []
    begun: dict[str, int] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines):
            if (resumed := _RESUMED.match(line)) is not None:
                process = resumed.group(1)
                if process in begun:
                    events.append(Flushed(begun.pop(process)))
            elif (call := _PLAIN.match(line)) is not None:
                process, name, arguments, result = call.groups()
                if result is not None and result.startswith("-"):
                    continue
                for happened in _happened(name, arguments, str(folder), number):
                    events.append(happened)
                    if isinstance(happened, FlushBegun) and result is None:
                        begun[process] = number
                    elif isinstance(happened, FlushBegun):
                        events.append(Flushed(number))
    return events


_TELLING = {"sendto", "sendmsg"}


def _happened(name: str, arguments: str, folder: str, number: int) -> Iterator[Event]:
    """One call as events. The first string is the file of a descriptor, or the path."""
    strings = [bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(arguments)]
    paths = [bytes.fromhex(text.replace("\\x", "")).decode(errors="replace") for text in _QUOTED.findall(arguments)]
    if name in _TELLING or (name == "write" and arguments.startswith(("1<", "2<"))):
        yield Told(strings[-1])
    elif name.startswith("rename"):
        if _is_watched(paths[1], folder):
            yield Named(paths[1], paths[0])
    elif name in {"open", "openat", "creat"}:
        if _is_watched(paths[0], folder) and ("O_CREAT" in arguments or name == "creat"):
            assert "O_TRUNC" not in arguments, "the model does not know this way of opening a database"
            yield Named(paths[0])
    elif name in {"unlink", "unlinkat"}:
        if _is_watched(paths[0], folder):
            yield Unnamed(paths[0])
    elif name in {"fsync", "fdatasync"}:
        yield FlushBegun(strings[0].decode(), number)
    elif strings and _is_watched(path := strings[0].decode(errors="replace"), folder):
        yield _to_file(name, arguments, path, strings)


def _is_watched(path: str, folder: str) -> bool:
    """The databases below the folder, with their logs; what processes share beside them is memory, and no file."""
    return path.startswith(folder + os.sep) and _DATABASE.search(path) is not None


def _to_file(name: str, arguments: str, path: str, strings: list[bytes]) -> Event:
    if name == "pwrite64":
        length, offset = (int(part) for part in arguments.rsplit(", ", 2)[1:])
        assert len(strings[1]) == length, "the tracer cut a write short"
        return Write(path, offset, strings[1])
    assert name == "ftruncate", f"the model does not know {name}"
    return Cut(path, int(arguments.rsplit(", ", 1)[1]))


@dataclass
class _File:
    """What is sure to be on the disk, and what was written since."""

    sure: bytes = b""
    written: list[Write | Cut] = field(default_factory=list)

    def flush(self, count: int) -> None:
        self.sure = bytes(_applied(bytearray(self.sure), self.written[:count]))
        del self.written[:count]

    def after_power_loss(self, kept: float, chance: random.Random) -> bytes:
        tears = kept < 1 and chance.random() < 0.5
        survivors: list[Write | Cut] = []
        for change in self.written:
            if tears and isinstance(change, Write):
                survivors += [piece for piece in _sectors(change) if chance.random() < kept]
            elif chance.random() < kept:
                survivors.append(change)
        return bytes(_applied(bytearray(self.sure), survivors))


def _applied(content: bytearray, changes: Sequence[Write | Cut]) -> bytearray:
    for change in changes:
        end = change.length if isinstance(change, Cut) else change.offset + len(change.data)
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        if isinstance(change, Cut):
            del content[change.length :]
        else:
            content[change.offset : end] = change.data
    return content


def _sectors(change: Write) -> Iterator[Write]:
    start = change.offset
    end = start + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Write(change.path, start, change.data[start - change.offset : stop - change.offset])
        start = stop


class Disk:
    """The files of a folder on a disk that forgets; paths are whole."""

    def __init__(self, folder: Path) -> None:
        paths = [path for path in folder.rglob("*") if _is_watched(str(path), str(folder))]
        self._files = {str(path): _File(path.read_bytes()) for path in paths}
        self._sure = dict(self._files)
        self._named: dict[str, list[_NameChange]] = defaultdict(list)
        self._flushes: dict[int, tuple[str, int]] = {}

    def happen(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case Write() | Cut():
                self._files[event.path].written.append(event)
            case Named(path, before):
                if before or path not in self._files:
                    self._change_names(_NameChange(path, before, None if before else _File()))
            case Unnamed(path):
                self._change_names(_NameChange(None, path, None))
            case FlushBegun(path, number):
                begun = self._files[path].written if path in self._files else self._named[path]
                self._flushes[number] = path, len(begun)
            case Flushed(number):
                self._flush(*self._flushes.pop(number))

    def after_power_loss(self, kept: float, chance: random.Random) -> dict[str, bytes]:
        """The files there are when the power comes back, by path; `kept` is the share of unflushed writes that stay."""
        files = dict(self._sure)
        for changes in self._named.values():
            for change in changes:
                # A file system keeps the changes of a folder in order: from the first that is lost, all are.
                if chance.random() >= kept:
                    break
                change.make(files)
        return {path: file.after_power_loss(kept, chance) for path, file in files.items()}

    def _change_names(self, change: _NameChange) -> None:
        change.make(self._files)
        self._named[change.folder].append(change)

    def _flush(self, path: str, count: int) -> None:
        if path in self._files:
            self._files[path].flush(count)
            return
        for change in self._named[path][:count]:
            change.make(self._sure)
        del self._named[path][:count]


@dataclass(frozen=True, slots=True)
class _NameChange:
    """A name given to a new `file` or to the one that was called `before`; without `after`, a name taken away."""

    after: str | None
    before: str | None
    file: _File | None

    @property
    def folder(self) -> str:
        return str(Path(self.after or self.before or "").parent)

    def make(self, files: dict[str, _File]) -> None:
        file = files.pop(self.before, None) if self.before else self.file
        if self.after and file is not None:
            files[self.after] = file


def lay_out(files: Mapping[str, bytes], original: Path, image: Path, chance: random.Random) -> None:
    """Write the files as found. What processes shared in memory is gone, or anything may stand in its place."""
    image.mkdir(parents=True)
    for path, content in files.items():
        target = image / Path(path).relative_to(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if chance.random() < 0.5:
        (image / "practice.db-shm").write_bytes(chance.randbytes(32 * 1024))

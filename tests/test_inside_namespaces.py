"""The world of a process that has taken namespaces upon itself, as root and as an ordinary user.

Each test forks a child that enters, looks around as pid 1 of its own world, and tells what it saw through a pipe.
"""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import psutil
import pytest

from grader.inside import namespaces
from grader.inside.syscalls import call, prctl
from grader.model import Device, Execution
from grader.sandbox import view
from grader.sandbox.view import View

STRANGER = 54_321  # a uid that nobody has
UMASK = 0o067
ROOT = os.geteuid() == 0
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
CLONE_NEWNS = 0x00020000
TMP, SHM = "/tmp", "/dev/shm"  # noqa: S108 - of the sandbox
MS_REC, MS_PRIVATE, MS_SHARED = 16384, 1 << 18, 1 << 20
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Person:
    """Who enters: root, who becomes `uid`, or an ordinary user, who is `uid` already."""

    name: str
    uid: int
    as_root: bool

    def enter(self, seen: View, staging: Path) -> None:
        if ROOT and not self.as_root:
            os.setgroups([])
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(self.uid, self.uid, self.uid)
            prctl(PR_SET_DUMPABLE, 1)
        namespaces.enter(json.loads(json.dumps(asdict(seen))), self.uid if self.as_root else None, str(staging))


PERSONS = [Person("root becomes another", STRANGER, as_root=True)] if ROOT else []
PERSONS += [Person("an ordinary user", STRANGER if ROOT else os.getuid(), as_root=False)]


@dataclass(frozen=True)
class World:
    """A person, a view whose folders the person may read, and an empty folder for the mounts' making."""

    person: Person
    view: View
    staging: Path

    def showing(self, **changes: Any) -> World:
        """The same with other fields of the view."""
        return replace(self, view=replace(self.view, **changes))

    def start(self, act: Callable[[], Any], before: Callable[[], None] = nothing) -> tuple[int, int]:
        """The pid of the process outside, and the end of a pipe that gets what `act` returns, as JSON."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reading)
                before()
                self.person.enter(self.view, self.staging)
                os.write(writing, json.dumps(act()).encode())
                os._exit(0)
            except BaseException:  # noqa: BLE001 - it must not run on as a second pytest
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(99)
        os.close(writing)
        return pid, reading

    def run(self, act: Callable[[], Any], before: Callable[[], None] = nothing) -> tuple[int, bytes]:
        """How it ends, a signal as a negative number, and what it told."""
        pid, reading = self.start(act, before)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), told

    def inside(self, act: Callable[[], Any], before: Callable[[], None] = nothing) -> Any:
        ended, told = self.run(act, before)
        assert ended == 0
        return json.loads(told)


def refusal(world: World) -> tuple[int, str]:
    """The exit code of one that only enters, and what it says on stderr."""
    with TemporaryFile() as told:
        ended, _ = world.run(lambda: 0, lambda: void(os.dup2(told.fileno(), 2)))
        told.seek(0)
        return ended, told.read().decode()


def mounts_are_allowed(person: Person) -> bool:
    """Asked of the kernel without any of our code between."""
    who = ["setpriv", f"--reuid={person.uid}", f"--regid={person.uid}", "--clear-groups"] if ROOT else []
    user = [] if person.as_root else ["--user"]
    command = [*([] if person.as_root else who), "unshare", *user, "--mount", "--net", "--pid", "--fork", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def void(_: object) -> None:
    pass


@pytest.fixture(scope="module", params=PERSONS, ids=lambda person: person.name)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with TemporaryDirectory() as name:
        root = Path(name)
        for folder in (root, root / "work", root / "staging"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        (root / "work" / "notebook.ipynb").write_text("{}", "ascii")
        execution = Execution(scratch=4 * 1024**2, scratch_files=64)
        world = World(request.param, view.of(sys.executable, Device.CPU, execution, root), root / "staging")
        ended, told = refusal(world)
        if ended == os.EX_OSERR and not mounts_are_allowed(world.person):
            pytest.skip(f"{world.person.name} gets no namespaces here: {told}")
        assert (ended, told) == (0, "")
        yield world
        assert names(world.staging) == []
        assert names(root / "work") == ["notebook.ipynb"]


def outcome(act: Callable[[], object]) -> str:
    """The name of the error that it meets."""
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def links() -> dict[str, str]:
    """The number of each namespace."""
    return {name: str(Path(f"/proc/self/ns/{name}").readlink()) for name in NAMESPACES}


def names(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def look_around() -> dict[str, Any]:
    status = dict(line.split(":\t") for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return {
        "pid": os.getpid(),
        "ids": [*os.getresuid(), *os.getresgid(), *os.getgroups()],
        "capabilities": {name: int(value, 16) for name, value in status.items() if name.startswith("Cap")},
        "new privileges": status["NoNewPrivs"],
        "readable to itself": prctl(PR_GET_DUMPABLE),
        "umask": int(status["Umask"], 8),
        "namespaces": links(),
        "processes": [name for name in names("/proc") if name.isdigit()],
        "interfaces": [name for _, name in socket.if_nameindex()],
        "host": socket.gethostname(),
        "folder": str(Path.cwd()),
        "root": names("/"),
        "devices": names("/dev"),
        "scratch": {
            path.name: [oct(path.stat().st_mode), path.stat().st_uid] for path in Path("/scratch").iterdir()
        },
        "handed": Path("/handed/notebook.ipynb").read_text("ascii"),
        "mounts": [line.split() for line in Path("/proc/self/mountinfo").read_text("ascii").splitlines()],
    }


@pytest.fixture(scope="module")
def seen(world: World) -> Mapping[str, Any]:
    facts: dict[str, Any] = world.inside(look_around, be_somebody)
    return facts


def be_somebody() -> None:
    """With a group and a umask that nobody has by chance."""
    os.umask(UMASK)
    if ROOT:
        os.setgroups([STRANGER + 1])


def test_who_enters_is_process_1_without_root_and_without_capabilities(
    world: World, seen: Mapping[str, Any]
) -> None:
    gid = world.person.uid if ROOT else os.getgid()
    assert seen["pid"] == 1
    assert seen["ids"][:6] == [world.person.uid] * 3 + [gid] * 3
    assert set(seen["ids"][6:]) <= (set() if world.person.as_root else {gid, 65534})
    assert seen["capabilities"] == dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0)
    assert seen["new privileges"] == "1"
    assert seen["readable to itself"] == 1


def test_the_umask_is_the_callers(seen: Mapping[str, Any]) -> None:
    assert seen["umask"] == UMASK


def test_no_namespace_is_the_hosts(seen: Mapping[str, Any]) -> None:
    ours = links()
    assert [name for name in NAMESPACES if seen["namespaces"][name] == ours[name]] == []


def test_there_are_no_other_processes_and_no_network(seen: Mapping[str, Any]) -> None:
    assert seen["processes"] == ["1"]
    assert seen["interfaces"] == ["lo"]
    assert seen["host"] == "sandbox"


def test_nothing_is_there_but_what_the_view_names(world: World, seen: Mapping[str, Any]) -> None:
    named = [*world.view.read, *(path for path, _ in world.view.links)]
    named = [path for path in named if world.person.as_root or reachable(path)]
    own = {"content", "dev", "handed", "proc", "scratch", "tmp"}
    assert set(seen["root"]) == own | {Path(path).parts[1] for path in named}
    nodes = {Path(path).name for path in world.view.devices}
    assert set(seen["devices"]) == nodes | {"fd", "stdin", "stdout", "stderr", "ptmx", "pts", "shm"}
    assert seen["handed"] == "{}"


def reachable(path: str) -> bool:
    """Whether the ordinary user of these tests gets there."""
    return not ROOT or all(folder.stat().st_mode & stat.S_IXOTH for folder in Path(path).parents)


def test_the_scratch_folder_is_ready_and_private(world: World, seen: Mapping[str, Any]) -> None:
    private = [oct(stat.S_IFDIR | 0o700), world.person.uid]
    assert seen["folder"] == "/scratch"
    assert seen["scratch"] == dict.fromkeys(("work", "home", "tmp", "run"), private)


def test_only_scratch_and_what_linux_makes_itself_can_be_written_to(seen: Mapping[str, Any]) -> None:
    flags = {mount[4]: set(mount[5].split(",")) for mount in seen["mounts"]}
    writable = {place for place, flag in flags.items() if "rw" in flag}
    assert writable == {"/scratch", SHM, "/dev/pts", "/proc"}
    assert [place for place, flag in flags.items() if "nosuid" not in flag] == []
    assert {place for place, flag in flags.items() if "nodev" not in flag} == {
        place for place in flags if place.startswith("/dev/") and place != SHM
    }


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/shadow", "/etc/hosts", "/home", "/run", "/var", "/boot", "/mnt", "/root/.ssh"]
)
def test_the_rest_of_the_machine_is_not_there(world: World, path: str) -> None:
    assert world.inside(lambda: os.path.lexists(path)) is False


@pytest.mark.parametrize("folder", ["/", "/usr", "/etc", "/dev", "/handed", "/sys", "/usr/lib"])
def test_what_is_shown_cannot_be_changed(world: World, folder: str) -> None:
    assert world.inside(lambda: outcome(Path(folder, "new").touch)) == "EROFS"
    assert world.inside(lambda: outcome(lambda: Path(folder).chmod(0o700))) in ("EROFS", "EPERM")


def test_programs_terminals_and_devices_work(world: World) -> None:
    def act() -> list[object]:
        said = subprocess.run(["sh", "-c", "echo $$ | tee /dev/null"], capture_output=True, check=False).stdout
        os.close(os.openpty()[0])
        return [int(said) > 1, len(Path("/dev/urandom").open("rb").read(8)), Path("/dev/fd").is_dir()]

    assert world.inside(act) == [True, 8, True]


def test_folders_that_were_open_outside_are_closed(world: World) -> None:
    opened: list[int] = []
    before = lambda: opened.append(os.open("/", os.O_RDONLY))  # noqa: E731 - beside what is done with it
    assert world.inside(lambda: outcome(lambda: os.fstat(opened[0])), before) == "EBADF"


def fill(path: str) -> list[object]:
    """How many bytes go into a file, and what stops it."""
    written = 0
    with Path(path).open("wb", buffering=0) as file:
        try:
            while written < 64 * 1024**2:
                written += file.write(bytes(4096))
        except OSError as error:
            return [written, errno.errorcode[error.errno or 0]]
    return [written, "nothing"]


def litter(folder: str) -> list[object]:
    """How many files can be made, and what stops it."""
    for number in range(10_000):
        try:
            Path(folder, str(number)).touch()
        except OSError as error:
            return [number, errno.errorcode[error.errno or 0]]
    return [10_000, "nothing"]


def test_the_bytes_and_files_of_scratch_have_an_end(world: World) -> None:
    assert world.showing(scratch_bytes=1024**2).inside(lambda: fill(f"{TMP}/large")) == [1024**2, "ENOSPC"]
    own = 5  # the scratch folder and its first four
    made, stopped = world.showing(scratch_files=128).inside(lambda: litter("/scratch/work"))
    assert stopped == "ENOSPC"
    assert 100 < made <= 128 - own  # where something shown lies below /tmp, its folders count too


def test_the_bytes_and_files_of_shared_memory_have_an_end(world: World) -> None:
    assert world.showing(shm_bytes=256 * 1024).inside(lambda: fill(f"{SHM}/large")) == [256 * 1024, "ENOSPC"]
    assert world.inside(lambda: litter(SHM)) == [1023, "ENOSPC"]


def test_a_limit_of_nothing_is_not_no_limit(world: World) -> None:
    page = [os.sysconf("SC_PAGE_SIZE"), "ENOSPC"]
    assert world.showing(scratch_bytes=0).inside(lambda: fill(f"{TMP}/large")) == page
    assert world.showing(shm_bytes=0).inside(lambda: fill(f"{SHM}/large")) == page
    assert world.showing(scratch_files=0).run(nothing) == (os.EX_OSERR, b"")  # no room for the first four folders


@pytest.mark.parametrize("code", [0, 1, 7, 71, 255])
def test_the_process_outside_ends_with_the_exit_code_of_the_one_inside(world: World, code: int) -> None:
    assert world.run(lambda: os._exit(code)) == (code, b"")


def crash() -> None:
    faulthandler.disable()
    ctypes.string_at(0)


def test_the_process_outside_ends_by_the_signal_that_ended_the_one_inside(world: World) -> None:
    assert world.run(crash) == (-signal.SIGSEGV, b"")
    outer, first = asleep(world)
    os.kill(first, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(outer, 0)[1]) == -signal.SIGKILL


def asleep(world: World, before: Callable[[], None] = nothing) -> tuple[int, int]:
    """The process outside and, by its number on the host, the one inside, once it is there; it sleeps."""

    def act() -> None:
        os.write(telling, b"there")
        time.sleep(60)

    hearing, telling = os.pipe()
    outer, unused = world.start(act, before)
    os.close(telling)
    assert os.read(hearing, 5) == b"there"
    os.close(hearing)
    os.close(unused)
    (first,) = psutil.Process(outer).children()
    return outer, first.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_end_of_the_process_outside_is_the_end_of_all_inside(world: World, number: signal.Signals) -> None:
    outer, first = asleep(world, handle_signals)
    watched = os.pidfd_open(first)
    os.kill(outer, number)
    assert os.waitstatus_to_exitcode(os.waitpid(outer, 0)[1]) == -number
    assert select.select([watched], [], [], 5.0)[0] == [watched]
    os.close(watched)


def test_who_was_left_alone_before_it_could_say_so_ends(world: World) -> None:
    def act() -> str:
        other, line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        other.close()
        return outcome(lambda: namespaces._die_with_parent(line))

    assert world.inside(act) == "ECHILD"


def handle_signals() -> None:
    """A caller's own handlers, which must not run on into its code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os._exit(55))


def test_nothing_is_left_on_the_host(world: World) -> None:
    before = Path("/proc/self/mounts").read_text()
    assert world.inside(lambda: len(names("/scratch"))) == 4
    assert Path("/proc/self/mounts").read_text() == before
    assert names(world.staging) == []


def test_a_refused_step_is_told_and_ends_both(world: World) -> None:
    elsewhere = replace(world, staging=world.staging / "missing")
    assert refusal(elsewhere) == (71, "mount tmpfs on /: No such file or directory\n")


@pytest.fixture
def public(world: World) -> Iterator[Path]:
    """A folder that the person may read, with a few things in it."""
    with TemporaryDirectory() as name:
        root = Path(name).resolve()
        root.chmod(0o755)
        (root / "shown" / "deep").mkdir(parents=True)
        (root / "hidden").mkdir()
        for path in ("shown/file", "shown/deep/file", "hidden/file", "single"):
            (root / path).write_text(path, "ascii")
        yield root


def test_what_is_shown_may_be_nested_missing_or_below_the_folder_for_temporary_files(
    world: World, public: Path
) -> None:
    wanted = ("shown/deep", "shown", "shown/file", "single", "no/such/path")
    read = (*world.view.read, *(str(public / name) for name in wanted))
    links = (*world.view.links, (str(public / "link"), "shown/deep"))

    def act() -> list[object]:
        return [
            names(public),
            (public / "shown/deep/file").read_text("ascii"),
            (public / "link/file").read_text("ascii"),
            (public / "single").read_text("ascii"),
            outcome((public / "shown/new").touch),
            outcome(lambda: (public / "single").chmod(0o600)),
        ]

    expected = [["link", "shown", "single"], "shown/deep/file", "shown/deep/file", "single", "EROFS", "EROFS"]
    assert world.showing(read=read, links=links).inside(act) == expected


def test_an_interpreter_starts_in_a_venv_that_is_the_courses_folder_and_does_not_see_the_rubric(
    world: World, public: Path
) -> None:
    if not world.person.as_root and not reachable(os.path.realpath(sys.executable)):
        base = "/usr/bin/python3"  # this person cannot reach the interpreter of these tests
    else:
        base = sys.executable
    course = public / "course"
    subprocess.run([base, "-m", "venv", "--without-pip", course], check=True)
    (course / "rubric.yaml").write_text("secret", "ascii")
    python = str(course / "bin" / "python")
    code = "import ctypes, json, os, sys; print(json.dumps([sys.prefix, sorted(os.listdir(sys.prefix))]))"
    shown = view.of(python, Device.CPU, Execution(), public)

    def act() -> object:
        return json.loads(subprocess.run([python, "-c", code], capture_output=True, check=True).stdout)

    prefix, names = world.showing(read=shown.read, links=shown.links).inside(act)
    assert prefix == str(course)
    assert {"bin", "lib", "pyvenv.cfg"} <= set(names) <= {"bin", "include", "lib", "lib64", "pyvenv.cfg", "share"}
    assert view.secrets_seen(shown, [course, course / "rubric.yaml"]) == ()


def mount_first(folder: str | Path, sharing: int = MS_PRIVATE) -> None:
    """In a mount namespace of the test's own."""
    call("unshare", CLONE_NEWNS)
    call("mount", b"none", b"/", b"", MS_REC | sharing, b"")
    call("mount", b"tmpfs", bytes(Path(folder)), b"tmpfs", 0, b"mode=777")


@pytest.mark.skipif(not ROOT, reason="only root can mount something first")
@pytest.mark.parametrize("sharing", [MS_SHARED, MS_PRIVATE], ids=["shared", "private"])
def test_mounts_below_what_is_shown_are_shown_and_bound_as_well(world: World, public: Path, sharing: int) -> None:
    def act() -> list[object]:
        return [names(public / "shown"), names(public / "shown/deep"), outcome((public / "shown/deep/new").touch)]

    shown = world.showing(read=(*world.view.read, str(public / "shown")))
    told = shown.inside(act, lambda: mount_first(public / "shown/deep", sharing))
    assert told == [["deep", "file"], [], "EROFS"]


@pytest.mark.skipif(not ROOT, reason="only root can hide a part of /proc, as a container does")
def test_where_no_new_proc_is_allowed_the_old_one_is_shown_read_only(world: World) -> None:
    def act() -> list[object]:
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text("ascii").splitlines()]
        (mine,) = (mount for mount in mounts if mount[4] == "/proc")
        own = str(Path("/proc/self").readlink()) == str(os.getpid())
        return [own, "ro" in mine[5].split(","), Path("/proc/meminfo").exists(), names("/proc/irq") == []]

    new = world.person.as_root
    assert world.inside(act, lambda: mount_first("/proc/irq")) == [new, not new, True, not new]

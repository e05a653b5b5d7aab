"""What a notebook might reach without a file: servers that note who knocks, and a process to be left in peace."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import subprocess
import sysconfig
import threading
from pathlib import Path

import psutil
from hostile import Place
from hostile_world import CORES, MOST, ROOT, World


class Doors:
    """Servers on this machine that note who knocks, and a process that should be left in peace."""

    def __init__(self, made: World) -> None:
        self.made = made
        self.reached: list[str] = []
        self.selector = selectors.DefaultSelector()
        self.open: dict[str, socket.socket] = {}
        self._listen("socket", socket.AF_UNIX, socket.SOCK_STREAM, str(made.root / "socket"))
        self._listen("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(made.root / "datagram"))
        self._listen("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{made.marker}")
        self._listen("abstract datagram", socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{made.marker}-datagram")
        self._listen("TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._listen("UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        for name in ("socket", "datagram"):
            (made.root / name).chmod(0o777)
        self.victim = start_victim(made)
        self.peace = disposition(self.victim.pid)
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._attend)
        self.thread.start()

    def _listen(self, name: str, family: int, kind: int, address: str | tuple[str, int]) -> None:
        listening = socket.socket(family, kind)
        listening.bind(address)
        if kind == socket.SOCK_STREAM:
            listening.listen()
        self.open[name] = listening
        self.selector.register(listening, selectors.EVENT_READ, name)

    def path(self, name: str) -> str:
        return str(self.open[name].getsockname())

    def port(self, name: str) -> int:
        return int(self.open[name].getsockname()[1])

    def _attend(self) -> None:
        while not self.closing.is_set():
            for key, _ in self.selector.select(0.2):
                with contextlib.suppress(OSError):
                    self.reached.append(f"{key.data}: {self._knock(self.open[key.data])!r}")

    def _knock(self, listening: socket.socket) -> bytes:
        if listening.type == socket.SOCK_DGRAM:
            return listening.recv(100)
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(1.0)
            connection.sendall(self.made.secret("server").encode())
            return connection.recv(100)

    def disturbed(self) -> list[str]:
        """What has become of the process, if anything has."""
        if self.victim.poll() is not None:
            return [f"it ended with {self.victim.returncode}"]
        now = disposition(self.victim.pid)
        return [f"{name}: {self.peace[name]} became {now[name]}" for name in now if now[name] != self.peace[name]]

    def close(self) -> None:
        self.closing.set()
        self.thread.join()
        for listening in self.open.values():
            listening.close()
        self.selector.close()
        self.victim.kill()
        self.victim.wait()


def start_victim(made: World) -> subprocess.Popen[bytes]:
    """Its command line and its environment are secrets; it runs as the user who grades."""
    return subprocess.Popen(
        ["/bin/sh", "-c", f"while sleep 5; do :; done # {made.secret('command line')}"],
        env={"PATH": os.defpath, "SECRET": made.secret("environment of a process")},
        cwd="/",
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=made.uid,
        group=made.uid,
        extra_groups=None if made.uid is None else [],
    )


def disposition(pid: int) -> dict[str, str]:
    process = psutil.Process(pid)
    stopped = process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    return {
        "stopped": str(stopped),
        "niceness": str(process.nice()),
        "priority of its input and output": str(process.ionice()),
        "policy": str(os.sched_getscheduler(pid)),
        "processors": str(process.cpu_affinity()),
        "limits": Path(f"/proc/{pid}/limits").read_text("ascii"),
    }


def places(made: World, name: str, limits: str, doors: Doors) -> dict[str, Place]:
    course = made.course(limits)
    return {
        "planted": str(made.root / "planted" / name),
        "needle": f"{made.marker}-needle",
        "marker": made.marker,
        "name": name,
        "home": str(made.home),
        "rubric": str(course / "rubric.yaml"),
        "reference": str(course / "reference" / "part1.ipynb"),
        "recording": str(course / "reference" / "recordings" / "part1.json"),
        "submissions": str(course / "submissions"),
        "out": str(course / "out"),
        "site_packages": sysconfig.get_path("purelib"),
        "inside": str(ROOT / "grader" / "inside"),
        "victim": doors.victim.pid,
        "socket": doors.path("socket"),
        "datagram": doors.path("datagram"),
        "abstract": made.marker,
        "port": doors.port("TCP"),
        "udp": doors.port("UDP"),
        "too_many": MOST + 32 * CORES + 60,  # some more than the rubric allows here
    }

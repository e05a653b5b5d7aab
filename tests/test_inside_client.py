"""The client and real kernels, honest and not: what is shown is kept, and nothing keeps the client waiting."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st
from inside_job import LIMITS, job
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.inside.client import Client
from grader.inside.console import Publisher
from grader.inside.job import store
from grader.inside.kernels import Kernel
from grader.inside.shown import OutputLimits, Shown
from grader.inside.wire import HungUpError

MIB = 1024**2
SOON = 15.0  # seconds, on a machine that is busy

SEND = """
kernel = get_ipython().kernel
def send(kind, content, parent=None, signed=True):
    frames = kernel.session.serialize(kernel.session.msg(kind, parent=parent or kernel.get_parent("shell")))
    frames[-1] = content
    frames[1] = kernel.session.sign(frames[2:]) if signed else b"0" * 64
    kernel.iopub_socket.send_multipart(frames)
"""


@contextmanager
def running(root: Path, limits: OutputLimits) -> Iterator[Client]:
    (root / "work").mkdir()
    task = job(root, limits={"output": limits.bytes, "messages": limits.messages})
    store(task)
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # ipykernel leaves descriptors alone where it is set
    client = Client(new_notebook(), Kernel(task), limits)
    try:
        client.start()
        yield client
    finally:
        client.end()


def show(client: Client, source: str) -> str:
    """The texts that a new cell shows on stdout."""
    client.nb.cells.append(new_code_cell(source))
    client.run_cell(len(client.nb.cells) - 1)
    outputs = client.shown.of_cell(len(client.nb.cells) - 1)
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    limits = OutputLimits(LIMITS["output"], 10_000)
    with running(tmp_path_factory.mktemp("kernel"), limits) as client:
        yield client


# --- an honest kernel --------------------------------------------------------------------------------------------


def test_a_forked_child_prints_below_the_cell(kernel: Client) -> None:
    source = """
import os, time
if os.fork() == 0:
    print("child", flush=True)
    os._exit(0)
os.wait()
time.sleep(0.3)  # for the thread that reads what the child wrote
"""
    assert show(kernel, source) == "child\n"


def test_children_forked_while_threads_print_do_not_hang(kernel: Client) -> None:
    source = """
import os, threading, time
stop = threading.Event()
def talk():
    while not stop.is_set():
        print("t", flush=True)
        time.sleep(0.001)
threads = [threading.Thread(target=talk) for _ in range(2)]
for thread in threads:
    thread.start()
hung = 0
for _ in range(50):
    child = os.fork()
    if child == 0:
        print("child", flush=True)
        os._exit(0)
    until = time.monotonic() + 3
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > until:
            os.kill(child, 9)
            os.waitpid(child, 0)
            hung += 1
            break
        time.sleep(0.001)
stop.set()
for thread in threads:
    thread.join()
assert hung == 0, hung
"""
    show(kernel, source)


def test_the_kernel_has_no_internet_socket_and_connects_to_nothing_of_its_own(kernel: Client) -> None:
    source = """
import psutil, zmq
from ipykernel.kernelapp import IPKernelApp
debugger = IPKernelApp.instance().debug_shell_socket
print(psutil.Process().net_connections("inet"), debugger.getsockopt(zmq.LAST_ENDPOINT))
"""
    assert show(kernel, source) == "[] b''\n"


def test_a_question_to_the_reader_is_an_error(kernel: Client) -> None:
    with pytest.raises(CellExecutionError) as raised:
        show(kernel, "input('your name? ')")
    assert raised.value.ename == "StdinNotImplementedError"


# --- a publisher -------------------------------------------------------------------------------------------------


@contextmanager
def publishing(root: Path) -> Iterator[tuple[Any, zmq.Socket[bytes]]]:
    """A publisher and its reader, between whom a few messages find room."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as source, context.socket(zmq.SUB) as reader:
        source.setsockopt(zmq.SNDHWM, 5)
        reader.setsockopt(zmq.RCVHWM, 5)
        source.bind(f"ipc://{root}/s")
        reader.connect(f"ipc://{root}/s")
        reader.setsockopt(zmq.SUBSCRIBE, b"")
        assert source.poll(5000)  # for the reader to have subscribed
        publisher: Any = Publisher(source, pipe=True, session=None)
        publisher.start()
        try:
            yield publisher, reader
        finally:
            publisher.stop()


def received(reader: zmq.Socket[bytes], count: int) -> list[bytes]:
    return [reader.recv() for _ in range(count) if reader.poll(3000)]


def test_nothing_is_lost_while_the_reader_is_slow(tmp_path: Path) -> None:
    count, size = 500, 8192  # more than the buffers of a Unix socket
    with publishing(tmp_path) as (publisher, reader):
        for number in range(count):
            publisher.send_multipart([f"{number}".encode().ljust(size)])
        time.sleep(0.3)
        assert [int(message) for message in received(reader, count)] == list(range(count))


def test_a_thread_that_publishes_much_at_once_does_not_wait_for_itself(tmp_path: Path) -> None:
    count = 5000  # more than its own pipe would hold
    with publishing(tmp_path) as (publisher, reader):
        publisher.schedule(lambda: [publisher.send_multipart([b"x"]) for _ in range(count)])
        assert len(received(reader, count)) == count


# --- a kernel that forges ----------------------------------------------------------------------------------------

FORGED = {
    "content is a list": 'send("stream", b"[]")',
    "content is no JSON": 'send("stream", b"{")',
    "content is nested too deep": 'send("stream", b"[" * 100_000)',
    "text is a number": """send("stream", b'{"name": "stdout", "text": 5}')""",
    "stream has no text": """send("stream", b'{"name": "stdout"}')""",
    "data is a number": """send("display_data", b'{"data": 3, "metadata": {}}')""",
    "error holds other types": """send("error", b'{"ename": [1], "evalue": {}, "traceback": 5}')""",
    "status has no state": 'send("status", b"{}")',
    "kind is unknown": 'send("nonsense", b"{}")',
    "signature is wrong": 'send("stream", b"{}", signed=False)',
    "no message at all": 'kernel.iopub_socket.send_multipart([b"garbage"])',
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_malformed_message_ends_its_cell_at_most(kernel: Client, forged: str) -> None:
    began = time.monotonic()
    with suppress(Exception):  # the harness takes any for a kernel that cannot be understood
        show(kernel, f"{SEND}\n{forged}")
    assert show(kernel, "print('next')") == "next\n"
    assert time.monotonic() - began < SOON


def test_a_reply_to_another_request_ends_nothing(kernel: Client) -> None:
    source = f"""{SEND}
import time
other = {{"header": dict(kernel.get_parent("shell")["header"], msg_id="another")}}
ident = kernel._parent_ident.get("shell", [])
loop = kernel.shell_channel_thread.io_loop  # a socket belongs to one thread
loop.add_callback(kernel.session.send, kernel.shell_stream, "execute_reply", {{"status": "ok"}}, other, ident)
time.sleep(0.3)
print("last")
"""
    assert show(kernel, source) == "last\n"


# --- kernels that end badly --------------------------------------------------------------------------------------


def test_thousands_of_foreign_replies_are_too_many_messages(tmp_path: Path) -> None:
    source = f"""{SEND}
other = {{"header": dict(kernel.get_parent("shell")["header"], msg_id="another")}}
ident = kernel._parent_ident.get("shell", [])
loop = kernel.shell_channel_thread.io_loop  # a socket belongs to one thread
def flood():
    for _ in range(100):
        kernel.session.send(kernel.shell_stream, "execute_reply", {{"status": "ok"}}, other, ident)
    loop.add_callback(flood)
loop.add_callback(flood)
import time
time.sleep(60)
"""
    with running(tmp_path, OutputLimits(MIB, 1000)) as client:
        show(client, source)
        assert (client.flooded, client.excess()) == (True, "the notebook sent more than 1000 messages")


def test_the_death_of_a_printing_kernel_is_noticed_soon(tmp_path: Path) -> None:
    with running(tmp_path, OutputLimits(64 * MIB, 1_000_000)) as client:
        process: Any = client.kernel.process
        threading.Timer(0.5, os.kill, (process.pid, signal.SIGKILL)).start()
        began = time.monotonic()
        with pytest.raises(DeadKernelError):
            show(client, "while True:\n    print('x', flush=True)")
        assert time.monotonic() - began < SOON
        assert client.shown.of_cell(0)[0]["text"].startswith("x\nx\n")


def test_closed_sockets_are_told_from_a_dead_kernel(tmp_path: Path) -> None:
    source = "import time\nget_ipython().kernel.iopub_thread.socket.close()\ntime.sleep(60)"
    with running(tmp_path, OutputLimits(MIB, 1000)) as client:
        began = time.monotonic()
        with pytest.raises(HungUpError):
            show(client, source)
        assert time.monotonic() - began < SOON


def test_a_message_over_the_limit_is_never_taken_in(tmp_path: Path) -> None:
    source = 'from IPython.display import display\ndisplay({"text/plain": "x" * (50 * 2**20)}, raw=True)'
    with running(tmp_path, OutputLimits(MIB, 1000)) as client:
        began = time.monotonic()
        show(client, source)
        assert client.excess() == "the notebook sent a message of more than 1048576 bytes"
        assert time.monotonic() - began < SOON


# --- what is kept ------------------------------------------------------------------------------------------------


def stream(text: str) -> NotebookNode:
    return NotebookNode(output_type="stream", name="stdout", text=text)


@given(st.lists(st.text(max_size=20), max_size=20))
def test_what_fits_the_budget_is_kept_whole(texts: list[str]) -> None:
    shown = Shown(OutputLimits(2 * 20 * 400, 40))
    for text in texts:
        shown.add(0, stream(text))
    assert ("".join(output["text"] for output in shown.of_cell(0)), shown.over) == ("".join(texts), False)


@given(st.lists(st.tuples(st.integers(0, 2), st.text(max_size=400)), max_size=60))
def test_no_more_than_the_budget_is_kept(pieces: list[tuple[int, str]]) -> None:
    limits = OutputLimits(4000, 20)
    shown = Shown(limits)
    for index, text in pieces:
        shown.add(index, stream(text))
    kept = "".join(output["text"].partition("\n[... ")[0] for index in range(3) for output in shown.of_cell(index))
    assert len(kept) <= limits.bytes


def test_the_first_and_the_last_are_kept_around_a_line_that_counts_the_rest() -> None:
    shown = Shown(OutputLimits(2000, 1000))
    for number in range(100):
        shown.add(0, stream(f"{number:04}\n"))
    text = "".join(output["text"] for output in shown.of_cell(0))
    assert (text[:5], text[-5:], text.count("left out"), shown.over) == ("0000\n", "0099\n", 1, True)

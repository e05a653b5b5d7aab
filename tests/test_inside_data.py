"""Listed data is answered for; everything else fails at once, in words for the student."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from grader.inside import data

LISTED = {"mnist.npz": "/work/mnist.npz", "names.csv": "/work/names.csv"}
KERAS = "https://data.example.org/keras"


@pytest.mark.parametrize(
    ("fname", "origin", "path"),
    [
        ("mnist.npz", f"{KERAS}/mnist.npz", "/work/mnist.npz"),
        ("other.npz", f"{KERAS}/mnist.npz", "/work/mnist.npz"),
        ("/a/b/other.npz", f"{KERAS}/mnist.npz", "/work/mnist.npz"),
        (None, f"{KERAS}/mnist.npz", "/work/mnist.npz"),
        ("names.csv", None, "/work/names.csv"),
        ("names.csv", "https://elsewhere.example.org/download?id=7", "/work/names.csv"),
        ("cache/names.csv", "https://elsewhere.example.org/x", "/work/names.csv"),
    ],
)
def test_listed_data_is_found_by_its_origin_or_its_name(fname: str | None, origin: str | None, path: str) -> None:
    assert data.listed(LISTED, fname, origin) == path


@pytest.mark.parametrize(
    ("listed", "fname", "origin", "message"),
    [
        (
            LISTED,
            "cifar-10-batches-py-target",
            f"{KERAS}/cifar-10-python.tar.gz",
            (
                "'cifar-10-python.tar.gz' cannot be downloaded: this assignment does not provide it, and there is "
                "no network while a notebook is graded. The assignment provides 'mnist.npz', 'names.csv'."
            ),
        ),
        (
            {},
            None,
            None,
            (
                "'a file without a name' cannot be downloaded: this assignment does not provide it, and there is "
                "no network while a notebook is graded. The assignment provides no data."
            ),
        ),
    ],
)
def test_data_that_is_not_listed_is_refused_with_what_there_is(
    listed: dict[str, str], fname: str | None, origin: str | None, message: str
) -> None:
    with pytest.raises(data.DataNotProvidedError) as caught:
        data.listed(listed, fname, origin)
    assert str(caught.value) == message


def test_without_network_urls_fail_at_once_and_local_names_still_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # put back afterwards
    data.close_network()
    with pytest.raises(urllib.error.URLError) as caught:
        urllib.request.urlopen("http://data.example.org/x.csv", timeout=5.0)
    assert str(caught.value.reason) == (
        "'data.example.org' cannot be reached: there is no network while a notebook is graded. "
        "Use the data that the assignment provides."
    )
    assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)

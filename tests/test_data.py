"""The digits that the assignment provides are MNIST, whole and unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

MNIST = Path(__file__).parents[1] / "reference" / "data" / "mnist.npz"

# array -> (shape, SHA-256 of its bytes)
PUBLISHED = {
    "x_train": ((60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": ((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}


def test_the_file_holds_the_published_digits_and_nothing_else() -> None:
    with np.load(MNIST, allow_pickle=False) as data:
        found = {
            name: (array.shape, str(array.dtype), hashlib.sha256(array.tobytes()).hexdigest())
            for name, array in data.items()
        }
    assert found == {name: (shape, "uint8", digest) for name, (shape, digest) in PUBLISHED.items()}

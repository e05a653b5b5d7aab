"""The assignment's network and training as recorded and observed facts, for tests that compare them."""

from __future__ import annotations

from dataclasses import replace

from grader.model import (
    ArrayFacts,
    Compiled,
    Device,
    Environment,
    Fit,
    Layer,
    ModelSnapshot,
    Observations,
    Recording,
    SeedRun,
    SummaryCall,
)


def _layer(kind: str, shape: str, parameters: int, **settings: object) -> Layer:
    return Layer(kind.lower(), kind, shape, parameters, settings)  # type: ignore[arg-type]  # settings are scalars


LAYERS = (
    _layer("Conv2D", "(None, 26, 26, 32)", 320, activation="relu", strides=(1, 1), padding="valid", filters=32),
    _layer("Conv2D", "(None, 24, 24, 64)", 18496, activation="relu", strides=(1, 1), padding="valid", filters=64),
    _layer("MaxPooling2D", "(None, 12, 12, 64)", 0, pool_size=(2, 2), strides=(2, 2), padding="valid"),
    _layer("Dropout", "(None, 12, 12, 64)", 0, rate=0.25),
    _layer("Flatten", "(None, 9216)", 0),
    _layer("Dense", "(None, 128)", 1179776, activation="relu", units=128),
    _layer("Dropout", "(None, 128)", 0, rate=0.5),
    _layer("Dense", "(None, 10)", 1290, activation="softmax", units=10),
)
INPUT = _layer("InputLayer", "(None, 28, 28, 1)", 0)
SNAPSHOT = ModelSnapshot(0, "sequential", LAYERS)
HISTORY = {"accuracy": (0.92123,), "loss": (0.25438,), "val_accuracy": (0.9823,), "val_loss": (0.05604,)}

FIT = Fit(
    snapshot=0,
    cell=1,
    compiled=Compiled("Adadelta", 1.0, "categorical_crossentropy", ("accuracy",)),
    batch_size=128,
    epochs=12,
    initial_epoch=0,
    epochs_trained=1,
    cap=1,
    samples=60000,
    validation_samples=10000,
    validation_split=0.0,
    arrays={
        "x": ArrayFacts((60000, 28, 28, 1), "x", 0.0, 1.0),
        "y": ArrayFacts((60000, 10), "y", 0.0, 1.0),
        "validation x": ArrayFacts((10000, 28, 28, 1), "vx", 0.0, 1.0),
        "validation y": ArrayFacts((10000, 10), "vy", 0.0, 1.0),
    },
    history=HISTORY,
    finished=True,
)
ENVIRONMENT = Environment(
    versions={"keras": "3.15.1", "python": "3.11.7", "tensorflow": "2.21.0"},
    platform="Linux-6.1-x86_64",
    cpu="Some CPU",
    device=Device.CPU,
    threads=2,
)
RECORDED_FIT = replace(FIT, history={})
RECORDING = Recording(
    part="part1",
    reference_sha256="0" * 64,
    max_epochs=1,
    datasets={"mnist.npz": "1" * 64},
    layers=LAYERS,
    fit=RECORDED_FIT,
    runs=(
        SeedRun(0, {"accuracy": (0.921,), "loss": (0.2544,), "val_accuracy": (0.9823,), "val_loss": (0.056,)}),
        SeedRun(1, {"accuracy": (0.918,), "loss": (0.2611,), "val_accuracy": (0.9811,), "val_loss": (0.0591,)}),
        SeedRun(2, {"accuracy": (0.924,), "loss": (0.2487,), "val_accuracy": (0.9836,), "val_loss": (0.0528,)}),
        SeedRun(3, {"accuracy": (0.92,), "loss": (0.2569,), "val_accuracy": (0.9818,), "val_loss": (0.0577,)}),
    ),
    environment=ENVIRONMENT,
)
OBSERVED = Observations(
    snapshots=(SNAPSHOT,), summaries=(SummaryCall(0, 1),), compiles=(FIT.compiled,), fits=(FIT,)
)

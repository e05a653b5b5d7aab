"""`reference`: what submissions are compared with."""

from __future__ import annotations

import argparse

from grader.commands import conditions, rubrics


def record(options: argparse.Namespace) -> int:
    from grader import batch, linux, terminal
    from grader import record as recorder
    from grader.sandbox import layers

    linux.must_be("`grader reference record`")
    assignment = rubrics.load(options.rubric)
    wanted = conditions.wanted(options)
    device = batch.choose_device(assignment, wanted.device, [])
    layer = layers.choose(wanted.isolation, assignment.execution, trusted=True)
    parts = batch.recorded_parts(assignment, options.part, options.reference)
    for part in recorder.recordable(parts):
        usual = recorder.threads_of(part, device) if options.add else batch.DEFAULT_THREADS
        session = recorder.Session(assignment, part, device, options.threads or usual, layer)
        run = recorder.add if options.add else recorder.record
        path = run(session, options.seeds, terminal.progress())
        terminal.say(f"recorded {options.seeds} seeds of {part.title} in {path}")
    for part in (one for one in parts if not one.runnable):
        terminal.say(recorder.not_recorded(part))
    return show(options)


def show(options: argparse.Namespace) -> int:
    from grader import batch, reference, terminal

    assignment = rubrics.load(options.rubric, require_reference=False)
    for part in batch.recorded_parts(assignment, options.part, options.reference):
        terminal.show_recording(part, reference.of(part))
    return 0


def import_text(options: argparse.Namespace) -> int:
    from grader import batch, notebook_file, published, reference, terminal
    from grader.errors import UsageError
    from grader.judging import must_answer

    assignment = rubrics.load(options.rubric, require_reference=False)
    parts = batch.recorded_parts(assignment, options.part, options.reference)
    if len(parts) > 1:
        raise UsageError("an output is the recording of one reference: name it with --part and --reference")
    found = notebook_file.read(options.file)
    recording = published.recording(found, options.file, parts[0])
    must_answer(parts[0], recording)
    reference.store(reference.path_for(parts[0]), recording)
    terminal.say(f"imported {published.described(recording)} into {reference.path_for(parts[0])}")
    for remark in published.remarks(found, recording):
        terminal.say(f"note: {remark}")
    return 0

"""The values that pass between the stages: frozen, and free of behaviour that needs anything but Python.

In the order of the story: a rubric and its criteria, a submission, the evidence that running it left
behind, the structures read from its printed text, the recording it is held against, and the grade.
"""

from grader.model.attempt import (
    Attempt,
)
from grader.model.evidence import (
    UNREADABLE,
    ArrayFacts,
    Cell,
    CellError,
    Compiled,
    Environment,
    Evaluated,
    Evidence,
    Fit,
    Layer,
    ModelSnapshot,
    Observations,
    Outcome,
    Scalar,
    Setting,
    SharedFit,
    SummaryCall,
)
from grader.model.grade import (
    COLUMNS_AFTER,
    COLUMNS_BEFORE,
    Check,
    Grade,
)
from grader.model.printed import (
    METRIC_ALIASES,
    HistoryForm,
    ModelSummary,
    PrintedHistory,
    canonical_metric,
)
from grader.model.recording import (
    Interval,
    Published,
    Recording,
    SeedRun,
    Stratum,
)
from grader.model.rubric import (
    BandTolerance,
    CodeCriterion,
    Comparing,
    Criterion,
    ExecutesCriterion,
    Execution,
    HistoryCriterion,
    Part,
    Rubric,
    SummaryCriterion,
    Tolerance,
    TrainingCriterion,
)
from grader.model.submission import (
    Submission,
)
from grader.model.terms import (
    Compat,
    Device,
    DeviceChoice,
    EpochChoice,
    EvidenceKind,
    Isolation,
    Status,
)

__all__ = [
    "COLUMNS_AFTER",
    "COLUMNS_BEFORE",
    "METRIC_ALIASES",
    "UNREADABLE",
    "ArrayFacts",
    "Attempt",
    "BandTolerance",
    "Cell",
    "CellError",
    "Check",
    "CodeCriterion",
    "Comparing",
    "Compat",
    "Compiled",
    "Criterion",
    "Device",
    "DeviceChoice",
    "Environment",
    "EpochChoice",
    "Evaluated",
    "Evidence",
    "EvidenceKind",
    "ExecutesCriterion",
    "Execution",
    "Fit",
    "Grade",
    "HistoryCriterion",
    "HistoryForm",
    "Interval",
    "Isolation",
    "Layer",
    "ModelSnapshot",
    "ModelSummary",
    "Observations",
    "Outcome",
    "Part",
    "PrintedHistory",
    "Published",
    "Recording",
    "Rubric",
    "Scalar",
    "SeedRun",
    "Setting",
    "SharedFit",
    "Status",
    "Stratum",
    "Submission",
    "SummaryCall",
    "SummaryCriterion",
    "Tolerance",
    "TrainingCriterion",
    "canonical_metric",
]

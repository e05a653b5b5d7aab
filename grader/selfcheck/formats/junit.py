"""JUnit XML: one suite, a test case a criterion, one more for each finding that stops the notebook.

Everything is put into XML by ElementTree, which escapes; what XML 1.0 cannot hold at all becomes U+FFFD.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.selfcheck.report import Item, Level, Report, Stage, Verdict, facts, score_line, title

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, source: str = "") -> str:  # noqa: ARG001 - each form is called alike
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name=_xml(f"{report.assignment} {report.part}"))
    name = _xml(f"{report.part or 'assignment'}")
    for number, finding in enumerate(report.findings, 1):
        if finding.level is Level.ERROR and report.stage is Stage.STATIC:
            case = SubElement(suite, "testcase", classname=name, name=f"source {number}", time="0")
            _fail(case, "failure", f"{finding.place} {finding.what}".strip(), finding.next_step)
    for item in report.items:
        _case(suite, name, item, report)
    if report.troubled and not report.items:
        case = SubElement(suite, "testcase", classname=name, name="the run", time="0")
        _fail(case, "error", report.reason or "the grader itself failed", "")
    SubElement(suite, "system-out").text = _xml(score_line(report))
    _count(suites, suite, report)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _case(suite: Element, classname: str, item: Item, report: Report) -> None:
    case = SubElement(suite, "testcase", classname=classname, name=_xml(f"{title(item)} [{item.id}]"), time="0")
    told = "\n".join(f"{name}: {text}" for name, text in facts(item))
    match item.verdict:
        case Verdict.PASSED:
            pass
        case Verdict.NOT_JUDGED if report.troubled:
            _fail(case, "error", report.reason or "the grader itself failed", "")
        case Verdict.NOT_JUDGED:
            SubElement(case, "skipped", message=_xml(item.why.partition("\n")[0] or "not judged"))
        case Verdict.FAILED:
            earned = f"{item.points or 0:g} of {item.max_points:g} points"
            why = item.why.partition("\n")[0]
            _fail(case, "failure", f"{earned}: {why}" if why else earned, told)


def _fail(case: Element, kind: str, message: str, text: str) -> None:
    SubElement(case, kind, message=_xml(message), type=kind).text = _xml(text)


def _count(suites: Element, suite: Element, report: Report) -> None:
    """In both elements, as readers look in either."""
    cases = suite.findall("testcase")
    counted = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for name, number in counted.items():
        suite.set(name, str(number))
        suites.set(name, str(number))
    for element in (suites, suite):
        element.set("time", f"{report.seconds:.3f}")


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)

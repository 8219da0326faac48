"""What a policy's detectors are compiled to, once; scans only read it, so that threads can share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.patterns.engine import compile_patterns
from gateway.patterns.pattern import Matcher, Pattern
from gateway.sensitivity import decode
from gateway.sensitivity.custom import Customs
from gateway.sensitivity.finding import Detector, Extract
from gateway.sensitivity.words import Words


@dataclass(frozen=True, slots=True)
class Counts:
    """How the findings of one detector count."""

    kind: str
    label: Label
    likely: Label
    """Of findings that are only likely."""
    needed: int
    """So many distinct values."""
    ignore: tuple[str, ...]
    """Globs of values that do not count."""
    enabled: bool

    @classmethod
    def of(cls, detector: Detector, setting: DetectorSpec) -> Self:
        """Return what detector and policy say together."""
        needed = setting.min_distinct or detector.min_distinct
        labels = setting.labels(detector.data_class, detector.likely_class, detector.categories)
        return cls(detector.kind, *labels, needed, setting.ignore, setting.enabled)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Detectors, what policy says of each, and the patterns of all of them in one matcher."""

    detectors: tuple[Detector, ...]
    counts: tuple[Counts, ...]
    """One a detector, in their order."""
    matcher: Matcher
    extracts: list[tuple[int, Extract]]
    """One a pattern: the number of its detector and what reads a match; minus one for encodings."""
    begins: "dict[int, Callable[[], Extract]]"
    """Of patterns whose ``extract`` is made for each text anew: the number → what makes it."""
    disabled: tuple[bool, ...]
    """Which detectors policy has switched off, by their number."""
    scripts: Matcher
    """The patterns of letters that Latin-1 lacks, over UTF-8."""
    script_extracts: list[tuple[int, Extract]]
    finders: tuple[Customs | Words, ...]
    """Word lists and detectors of the policy's own."""
    on_unscannable: DataClass
    unscannable: tuple[tuple[str, DataClass], ...]
    """Kinds of unreadable content with a class of their own."""

    @classmethod
    def of(cls, spec: SensitivitySpec, detectors: Sequence[Detector], engine: str | None) -> Self:
        """Compile what is not compiled yet."""
        matcher, extracts, begins, scripts, script_extracts = _matchers(tuple(detectors), engine)
        settings = {setting.kind: setting for setting in spec.detectors}
        counts = tuple([Counts.of(one, settings.get(one.kind) or DetectorSpec(one.kind)) for one in detectors])
        return cls(
            detectors=tuple(detectors),
            counts=counts,
            matcher=matcher,
            extracts=extracts,
            begins=dict(begins),
            disabled=tuple([not one.enabled for one in counts]),
            scripts=scripts,
            script_extracts=script_extracts,
            finders=(*map(Words, spec.word_lists), *([Customs(spec.custom, engine)] if spec.custom else [])),
            on_unscannable=spec.on_unscannable,
            unscannable=spec.unscannable,
        )


Extracts = list[tuple[int, Extract]]
Begins = tuple[tuple[int, Callable[[], Extract]], ...]


@lru_cache(maxsize=8)
def _matchers(
    detectors: tuple[Detector, ...], engine: str | None
) -> tuple[Matcher, Extracts, Begins, Matcher, Extracts]:
    """Return the matcher of all triggers, and whose each one is: minus one for encodings; the same of other scripts."""
    patterns = list(decode.PATTERNS)
    extracts: Extracts = [(-1, _nothing)] * len(patterns)
    begins: list[tuple[int, Callable[[], Extract]]] = []
    script_patterns: list[Pattern] = []
    script_extracts: Extracts = []
    for owner, detector in enumerate(detectors):
        for each in detector.triggers:
            into, whose = (script_patterns, script_extracts) if each.pattern.utf8 else (patterns, extracts)
            if each.begin is not None:
                begins.append((len(into), each.begin))
            into.append(each.pattern)
            whose.append((owner, each.extract))
    scripts = compile_patterns(script_patterns or [Pattern(r"\x00\x00", utf8=True)], engine)
    return compile_patterns(patterns, engine), extracts, tuple(begins), scripts, script_extracts


def _nothing(_text: str, _end: int) -> None:
    return None

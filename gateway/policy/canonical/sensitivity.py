"""From the ``sensitivity`` block to what the scanner reads, by way of the data that a snapshot keeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.domain.label import Category, DataClass
from gateway.domain.sensitivity import CustomSpec, DetectorSpec, SensitivitySpec, WordListSpec

if TYPE_CHECKING:
    from gateway.policy.document.labelling import SensitivityBlock


def sensitivity_data(block: "SensitivityBlock") -> dict[str, Any]:
    """Return canonical data: built-in detectors, those of the policy and word lists apart, each in order."""
    data = block.model_dump(mode="json", by_alias=True)
    detectors = [{key: value for key, value in one.items() if key != "likely" or value} for one in data["detectors"]]
    data["detectors"] = sorted((one for one in detectors if one["kind"] != "custom"), key=lambda one: one["kind"])
    data["custom"] = sorted((one for one in detectors if one["kind"] == "custom"), key=lambda one: one["id"])
    unread = data["on_unscannable"]
    if isinstance(unread, dict):
        data["on_unscannable"] = "restricted"
        data["unscannable"] = unscannable_data(unread)
    data["word_lists"] = sorted(data["word_lists"], key=lambda one: one["id"])
    return data


def unscannable_data(block: Mapping[str, str | None]) -> dict[str, str]:
    """Return canonical data of the classes of what cannot be read: those that are given, by kind."""
    return {kind: level for kind, level in sorted(block.items()) if level is not None}


def unscannable_spec(item: Mapping[str, str]) -> tuple[tuple[str, DataClass], ...]:
    """Return the classes of what cannot be read for canonical data."""
    return tuple([(kind, DataClass.parse(level)) for kind, level in sorted(item.items())])


def sensitivity_spec(item: dict[str, Any]) -> SensitivitySpec:
    """Return the specification for canonical data, of this release or of one without lists."""
    return SensitivitySpec(
        detectors=tuple(
            DetectorSpec(
                kind=spec["kind"],
                data_class=None if spec["class"] is None else DataClass.parse(spec["class"]),
                min_distinct=spec["min_distinct"],
                ignore=tuple(spec["ignore"]),
                enabled=spec["enabled"],
                likely_class=DataClass.parse(spec["likely"]["class"]) if "likely" in spec else None,
            )
            for spec in item["detectors"]
        ),
        on_unscannable=DataClass.parse(item["on_unscannable"]),
        unscannable=unscannable_spec(item.get("unscannable", {})),
        default_mode=item["mode"]["default"],
        team_modes=tuple(sorted(item["mode"]["teams"].items())),
        vendor_opaque=item["vendor_opaque"],
        session=item["session"],
        custom=tuple(_custom(spec) for spec in item.get("custom", ())),
        word_lists=tuple(
            WordListSpec(
                id=spec["id"],
                words=tuple(spec["words"]),
                data_class=DataClass.parse(spec["class"]),
                categories=frozenset(map(Category, spec["categories"])),
                case_sensitive=spec["case_sensitive"],
            )
            for spec in item.get("word_lists", ())
        ),
    )


def _custom(spec: dict[str, Any]) -> CustomSpec:
    return CustomSpec(
        id=spec["id"],
        pattern=spec["pattern"],
        data_class=DataClass.parse(spec["class"]),
        categories=frozenset(map(Category, spec["categories"])),
        context=tuple(spec["context"]),
        within=spec["within"],
        validator=spec["validator"],
        min_distinct=spec["min_distinct"],
        ignore=tuple(spec["ignore"]),
    )

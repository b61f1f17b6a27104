"""Where a distributed Map reads its items and writes its results, and how it labels and batches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.wording import listed
from flowc.validate.asl.reading import is_replaced
from flowc.validate.asl.states import JSONATA
from flowc.validate.asl.tasks import check_resource
from flowc.validate.parts import Mapping, mapping, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import State

_NEEDED = {"s3:getObject": ("Bucket", "Key"), "s3:listObjectsV2": ("Bucket",)}
_OF_CSV = ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter")
_LABEL = re.compile(r"[!-~]+")
_NOT_IN_LABEL = set('?*<>{}[]:;,\\|^~$#%&`"')


def check_reader(state: State) -> None:
    """Report FC721 and FC750 for `ItemReader`, and for items that are given beside it."""
    reader = mapping(state.value.get("ItemReader"))
    if not reader:
        return
    resource = text(reader.get("Resource"))
    call = next((each for each in _NEEDED if resource.endswith(f":{each}")), "")
    if call:
        _check_place(state, "ItemReader", reader, _NEEDED[call])
        _check_config(state, mapping(reader.get("ReaderConfig")), call)
    elif resource and not is_replaced(resource):
        message = f"a Map cannot read its items by `{resource}`"
        remedy = "write `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`"
        state.findings.report(catalog.MAP_STATE, ("ItemReader", "Resource"), message, remedy)
    if state.dialect == JSONATA and "Items" in state.value:
        message = f"`{state.name}` has both `ItemReader` and `Items`"
        state.findings.report(
            catalog.EXCLUSIVE_FIELDS, ("Items",), message, "keep one of the two", at_key=True
        )


def _check_place(state: State, part: str, holder: Mapping, needed: tuple[str, ...]) -> None:
    """Report what is not said of where an object lies."""
    field = "Arguments" if state.dialect == JSONATA else "Parameters"
    place = holder.get(field)
    if not state.dialect or isinstance(place, str) or is_replaced(place):
        return
    given = {key.removesuffix(".$") for key in mapping(place)}
    missing = [key for key in needed if key not in given]
    if missing:
        message = f"`{part}` of `{state.name}` does not say its {listed(missing)}"
        path: Path = (part, field) if isinstance(place, dict) else (part,)
        remedy = f"add {listed(missing)} to `{field}`"
        state.findings.report(catalog.MAP_STATE, path, message, remedy, at_key=True)


def _check_config(state: State, config: Mapping, call: str) -> None:
    kind, header = config.get("InputType"), config.get("CSVHeaderLocation")
    is_csv = kind == "CSV" or "ManifestType" in config or is_replaced(kind) or "Transformation" in config
    path: Path = ("ItemReader", "ReaderConfig") if config else ("ItemReader",)
    found: list[tuple[str, str, str]] = []
    if call == "s3:getObject" and "InputType" not in config and "ManifestType" not in config:
        found.append(
            (
                "",
                "does not say what it reads",
                "add `InputType`: `JSON`, `JSONL`, `CSV`, `PARQUET` or `MANIFEST`",
            )
        )
    if kind == "CSV" and header is None:
        found.append(
            (
                "",
                "does not say where the names of the columns stand",
                "add `CSVHeaderLocation`: `FIRST_ROW` or `GIVEN`",
            )
        )
    if header == "GIVEN" and "CSVHeaders" not in config:
        found.append(("", "gives no names of columns", "add `CSVHeaders`, or write `FIRST_ROW`"))
    if header == "FIRST_ROW" and "CSVHeaders" in config:
        found.append(
            (
                "CSVHeaders",
                "gives names of columns, which stand in the first row",
                "remove them, or write `GIVEN`",
            )
        )
    found += [
        (key, f"has `{key}`, and reads no CSV", "remove it")
        for key in _OF_CSV
        if key in config and not is_csv
    ]
    pointer = text(config.get("ItemsPointer"))
    if pointer and not pointer.startswith(("/", "{%", "${")):
        found.append(
            (
                "ItemsPointer",
                f"has a pointer `{pointer}`, which does not begin with `/`",
                f"write `/{pointer.removeprefix('$.')}`",
            )
        )
    for key, what, remedy in found:
        at = (*path, key) if key else path
        message = f"the reader of `{state.name}` {what}"
        state.findings.report(catalog.MAP_STATE, at, message, remedy, at_key=True)  # fmt: skip


def check_writer(state: State) -> None:
    """Report FC750 for `ResultWriter`."""
    writer = state.value.get("ResultWriter")
    if not isinstance(writer, dict):
        return
    resource = text(writer.get("Resource"))
    path: Path = ("ResultWriter", "Resource")
    if resource and not check_resource(state, path, resource) and not resource.endswith(":s3:putObject"):
        message = f"a Map cannot write its results by `{resource}`"
        state.findings.report(catalog.MAP_STATE, path, message, "write `arn:aws:states:::s3:putObject`")
    elif resource:
        _check_place(state, "ResultWriter", writer, ("Bucket",))
    elif "WriterConfig" not in writer:
        message = f"the `ResultWriter` of `{state.name}` says nothing"
        state.findings.report(
            catalog.MAP_STATE,
            ("ResultWriter",),
            message,
            "add `Resource` and the place, or remove it",
            at_key=True,
        )


def check_label(state: State, labels: dict[str, State]) -> None:
    """Report FC708 and FC715 for a `Label`; `labels` are those of the machine so far."""
    label = state.value.get("Label")
    if not isinstance(label, str) or is_replaced(label):
        return
    if not _LABEL.fullmatch(label) or set(label) & _NOT_IN_LABEL:
        message = f"`{label}` cannot be the label of a Map"
        state.findings.report(catalog.MANIFEST_NAME, ("Label",), message, "use letters, digits, `-` and `_`")
    if label in labels:
        message = f"two Maps have the label `{label}`"
        first = labels[label].findings.label(("Label",), "first here")
        state.findings.report(catalog.DUPLICATE_NAME, ("Label",), message, "rename one", related=(first,))
    labels.setdefault(label, state)


def check_batcher(state: State) -> None:
    """Report FC750 for an `ItemBatcher` that limits nothing."""
    batcher = state.value.get("ItemBatcher")
    if isinstance(batcher, dict) and not any(key.startswith("Max") for key in batcher):
        message = f"the batches of `{state.name}` have no size"
        remedy = "add `MaxItemsPerBatch` or `MaxInputBytesPerBatch`"
        state.findings.report(catalog.MAP_STATE, ("ItemBatcher",), message, remedy, at_key=True)


def check_items(state: State) -> None:
    """Report FC705 for items that are plain text, where a list is meant."""
    items = state.value.get("Items")
    if state.dialect == JSONATA and isinstance(items, str) and not items.startswith(("{%", "${")):
        message = f"`Items` of `{state.name}` is plain text, where a list belongs"
        state.findings.report(catalog.FIELD_VALUE, ("Items",), message, "write it between `{%` and `%}`")

"""The ways between tasks: where a task's inputs lie, and who is told what came before it.

FLOWC_INPUTS and FLOWC_TELLS say it in words whose grammar `contract` has. Nothing is looked up by probing.
"""

from __future__ import annotations

from flowc import contract
from flowc.runtime.records import MissingInput
from flowc.runtime.store import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.runtime.records import Record, Run


def find_inputs(run: Run, step: str, path: str, words: tuple[str, ...]) -> list[Record]:
    """The records of a task's inputs, in arm or index order, as FLOWC_INPUTS says. Raises MissingInput."""
    found: list[Record] = []
    for word in words:
        for index, place in enumerate(_places(run, step, path, word)):
            try:
                found.append(run.finished(*place))
            except MissingInput as error:  # noqa: PERF203 - each input is a read from the store
                raise _missing(word, index, error) from error
    return found


def read_ahead(run: Run, path: str, words: tuple[str, ...]) -> None:
    """Read what the tasks of a foreach read alike, before they are forked. A task says itself what is missing."""
    try:
        if words:
            run.describe()
        for word in words:
            if word.startswith("../") and "~" not in word:
                run.keep(contract.unescape_name(word[3:]), contract.last_level(path)[0])
    except (MissingInput, StoreError):
        return


def input_places(run: Run, step: str, path: str, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """(step, path) of a task's inputs, in arm or index order, as FLOWC_INPUTS says. Raises MissingInput."""
    return [place for word in words for place in _places(run, step, path, word)]


def _places(run: Run, step: str, path: str, word: str) -> list[tuple[str, str]]:
    if "@" not in word:
        return [_one(run, step, path, word)]
    source, _, split = word.partition("@")
    count = run.finished(contract.unescape_name(split), path).get("splits")
    if not isinstance(count, int):
        raise MissingInput(
            f"the record of {contract.unescape_name(split)}/{path} does not say how many items it split into"
        )
    if source == contract.FROM:
        return [_told(run, step, path, word, index) for index in range(count)]
    source = contract.unescape_name(source)
    return [(source, contract.item_path(path, index)) for index in range(count)]


def _told(run: Run, step: str, path: str, word: str, index: int) -> tuple[str, str]:
    try:
        return run.told(step, path, str(index))
    except MissingInput as error:
        raise _missing(word, index, error) from error


def _missing(word: str, index: int, error: MissingInput) -> MissingInput:
    """The fault of a missing input: an item of a foreach is named by its index, since engines lose some."""
    if "@" not in word:
        return error
    split = contract.unescape_name(word.partition("@")[2])
    return MissingInput(f"item {index} of the foreach of `{split}` did not finish: {error}")


def _one(run: Run, step: str, path: str, word: str) -> tuple[str, str]:
    entry, loop, _ = word.partition("~")
    outer, _, visit = contract.last_level(path)
    if entry == contract.FROM or (loop and visit > 0):
        return run.told(step, path)
    if loop:
        word, path = entry, outer
    if word.startswith("from:"):
        return run.told(step, path, contract.unescape_name(word[5:]))
    if word.startswith("../"):
        return contract.unescape_name(word[3:]), contract.last_level(path)[0]
    return contract.unescape_name(word), path


def next_visits(path: str, words: tuple[str, ...], targets: list[str]) -> Iterator[tuple[str, int]]:
    """The chosen targets that FLOWC_TELLS goes back to from `path`, each with the number of its next visit."""
    for target, _, operations, _ in _chosen(words, targets):
        if contract.AGAIN in operations:
            # Whatever follows on the way, the visit stands at the loop's level.
            back = operations.partition(contract.AGAIN)[0] + contract.AGAIN
            yield target, contract.last_level(contract.apply_path_operations(path, back))[2]


def tell_successors(run: Run, step: str, path: str, words: tuple[str, ...], targets: list[str]) -> None:
    """Write the `from` objects that FLOWC_TELLS asks for, for the targets that were chosen."""
    for target, arm, operations, outward in _chosen(words, targets):
        end = contract.apply_path_operations(path, operations)
        label = contract.unescape_name(arm) if arm else None
        if outward:
            end, _, index = contract.last_level(end)
            label = str(index)
        run.tell(target, end, label, (step, path))


def _chosen(words: tuple[str, ...], targets: list[str]) -> Iterator[tuple[str, str, str, bool]]:
    """(target, arm, operations, whether one level out) of each word of FLOWC_TELLS whose target was chosen."""
    for word in words:
        place, _, operations = word.partition("~")
        outward = place.startswith("../")
        target, _, arm = (place[3:] if outward else place).partition(":")
        target = contract.unescape_name(target)
        if target in targets:
            yield target, arm, operations, outward

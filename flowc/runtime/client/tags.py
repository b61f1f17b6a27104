"""The tags of a run, which users change after it: each change a version of its own.

Invariant: a version is created only where none of its number is, and from the one before it, so that of two
who change tags at once the second begins anew and no change is lost.
"""

from __future__ import annotations

import json

from flowc import contract
from flowc.runtime.api.exceptions import MetaflowTaggingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from flowc.runtime.client.stored import StoredRun

MOST_TAGS = 50  # of a run, as in Metaflow
LONGEST_TAG = 500  # characters, as in Metaflow


def changed_tags(run: StoredRun) -> list[str] | None:
    """The tags of a run's newest version; None where they were never changed."""
    folder = _folder(run)
    number = _newest(run.store.names(folder))
    if not number:
        return None
    try:
        tags = json.loads(run.store.get(f"{folder}/{number}.json") or b"")["tags"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def change_tags(run: StoredRun, system: Collection[str], remove: Iterable[str], add: Iterable[str]) -> None:
    """Take tags away, then add some; those of the `system` are neither added nor removed.

    Raises MetaflowTaggingError, and StoreError.
    """
    removed, added = _listed(remove, "remove"), _listed(add, "add")
    if not removed and not added:
        raise MetaflowTaggingError("a change of tags adds or removes at least one")
    fixed = sorted(set(removed).intersection(system))
    if fixed:
        raise MetaflowTaggingError(f"`{fixed[0]}` is a system tag, which cannot be removed")
    while True:
        number = _newest(run.store.names(_folder(run)))
        before = run.tags
        kept = [tag for tag in before if tag not in removed]
        after = [*kept, *(tag for tag in dict.fromkeys(added) if tag not in kept and tag not in system)]
        if set(after) == set(before):
            return
        if len(after) > max(MOST_TAGS, len(before)):
            raise MetaflowTaggingError(
                f"a run has at most {MOST_TAGS} tags; this one would have {len(after)}"
            )
        content = json.dumps({"tags": after}).encode()
        if run.store.create(f"{_folder(run)}/{number + 1}.json", content):
            return


def tag_fault(tag: Any) -> str:
    """What is wrong with a tag; "" for a good one."""
    if not isinstance(tag, str):
        return f"a tag is a text, not {tag!r}"
    if not 0 < len(tag) <= LONGEST_TAG or not tag.isprintable():
        return f"a tag is a line of 1 to {LONGEST_TAG} characters"
    return ""


def _listed(tags: Iterable[str], what: str) -> list[str]:
    if isinstance(tags, (str, bytes)) or not hasattr(tags, "__iter__"):
        raise MetaflowTaggingError(f"the tags to {what} are given as a list, not as {tags!r}")
    found = list(tags)
    fault = next((fault for tag in found if (fault := tag_fault(tag))), "")
    if fault:
        raise MetaflowTaggingError(fault)
    return found


def _folder(run: StoredRun) -> str:
    return f"{run.prefix}/{contract.TAGS_FOLDER}"


def _newest(names: Iterable[str]) -> int:
    """The highest number of a version; 0 without any."""
    numbers = [int(stem) for name in names if (stem := name.partition(".")[0]).isascii() and stem.isdigit()]
    return max(numbers, default=0)

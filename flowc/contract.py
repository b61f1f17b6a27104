"""What manifests and the runtime shim agree on: names, paths, exit codes, record places.

This module imports nothing and runs on Python 3.9: the compiler writes these words into
manifests, the shim reads them inside containers, and neither may know the other.

Invariant: every word that travels through a manifest is made here, and only of characters that
no engine substitutes (see :data:`INERT`).
"""

# --------------------------------------------------------------------------- environment
ENV_DATASTORE = "FLOWC_DATASTORE"  # file:///… or s3://bucket/prefix
ENV_FLOW = "FLOWC_FLOW"  # the flow's class name, escaped by `escape_name`
ENV_RUN_ID = "FLOWC_RUN_ID"  # begins with ARGO_RUN or SFN_RUN, or is a local run's name
ARGO_RUN, SFN_RUN = "argo-", "sfn-"
ENV_RUN_UID = "FLOWC_RUN_UID"  # the engine's unique id of the run
ENV_STEP = "FLOWC_STEP"  # the step's name, escaped by `escape_name`
ENV_PATH = "FLOWC_PATH"  # the task's path, see below
ENV_ATTEMPT_ID = "FLOWC_ATTEMPT_ID"  # opaque, unique for each attempt of the engine

# For tests: which operation of the datastore fails, and how (see `runtime.store.faults`).
ENV_FAULT = "FLOWC_FAULT"

# The flow's own settings, the same for every step of a flow.
ENV_ENTRY = "FLOWC_ENTRY"  # the flow file inside the code, a POSIX path from the project root
ENV_CODE = "FLOWC_CODE"  # s3 address of the code archive (Step Functions; `--code embed`)
ENV_CODE_SHA256 = "FLOWC_CODE_SHA256"  # its digest, hex
ENV_PROJECT = "FLOWC_PROJECT"  # `NAME` of @project, or `NAME.BRANCH`: test.b, prod or prod.b [absent]
ENV_PARAMETERS = "FLOWC_PARAMETERS"  # base64 of the engine's parameters (start alone)
ENV_DOCUMENT = "FLOWC_DOCUMENT"  # base64 of one JSON object: all text of the flow that is not inert
ENV_ORIGIN_RUN = "FLOWC_ORIGIN_RUN"
ENV_FROM_STEP = "FLOWC_FROM_STEP"

# The step's own settings; absent means the default in brackets.
ENV_INPUTS = "FLOWC_INPUTS"  # where the task's inputs come from, see `Inputs` below [none: start]
ENV_TELLS = "FLOWC_TELLS"  # successors that are told who came before them, see below [none]
ENV_MAX_NUM_SPLITS = "FLOWC_MAX_NUM_SPLITS"  # [100]
ENV_MAX_VISITS = "FLOWC_MAX_VISITS"  # [50]
ENV_TIMEOUT = "FLOWC_TIMEOUT"  # seconds of user code [none]
ENV_RETRIES = "FLOWC_RETRIES"  # the attempts the user asked for beyond the first [0]
ENV_CATCH = "FLOWC_CATCH"  # artifact that receives the exception, "" to only swallow it [absent]
ENV_NEXT = "FLOWC_NEXT"  # the step's one transition by its key, for an attempt that is caught or skipped
ENV_FINAL_EXIT = "FLOWC_FINAL_EXIT"  # exit code of a final fault [65]
ENV_GANG = "FLOWC_GANG"  # "1" on a step whose tasks form a gang [absent]

# Where the control outputs `splits` and `next` are written as files [CONTROL_FOLDER]; set and empty:
# nowhere, since a local run reads the record.
ENV_CONTROL_FOLDER = "FLOWC_CONTROL_FOLDER"

# Set on the attempt after the last one of a step with @catch, which runs no user code: why the
# engine gave the task up, in its own words.
ENV_KILLED = "FLOWC_KILLED"

# The exit hook is a task of its own: its step is EXIT_HOOK_STEP (no identifier, escaped or not),
# its path ROOT. ENV_HOOKS are the functions of the flow's module to call, joined by `,`.
EXIT_HOOK_STEP = "exit-hook"
ENV_HOOKS = "FLOWC_HOOKS"
ENV_RUN_STATUS = "FLOWC_RUN_STATUS"  # RUN_SUCCEEDED or RUN_FAILED
RUN_SUCCEEDED, RUN_FAILED = "succeeded", "failed"

# The keys of the document, each absent where it would be empty.
DOCUMENT_SETTINGS = "settings"  # {FLOWC_…: value}: settings whose value is not inert
DOCUMENT_ENVIRONMENT = "environment"  # {NAME: value}: variables of @environment whose value is not inert
DOCUMENT_SECRETS = "secrets"  # [{"type", "id", "options"?, "role"?, "allow_override"?}]: fetched by the shim
DOCUMENT_DEFAULTS = "defaults"  # {parameter: text}: what SENTINEL stands for (start alone)
DOCUMENT_CONFIGS = "configs"  # {config: value}: what the compiler loaded (start alone; all read run.json)
DOCUMENT_GRAPH = "graph"  # JSON text of `current.graph`, where the flow asks for it (start alone, as above)

# --------------------------------------------------------------------------- defaults
MAX_NUM_SPLITS = 100
MAX_WORKERS = 16
MAX_VISITS = 50

# --------------------------------------------------------------------------- values of parameters
# Texts of a boolean, in any case, as Metaflow takes them.
TRUE_WORDS = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE_WORDS = frozenset({"0", "false", "f", "no", "n", "off"})

# --------------------------------------------------------------------------- exit codes
EXIT_OK = 0
EXIT_USER_ERROR = 1  # the step raised
EXIT_FINAL = 65  # a limit, a transition or a parameter that no retry can mend
EXIT_INFRASTRUCTURE = 70  # datastore unreachable, code missing, record corrupt
EXIT_TIMEOUT = 71  # @timeout ended the step
EXIT_TERMINATED = 143  # SIGTERM

# --------------------------------------------------------------------------- inert text
# The only characters that text from a flow may have where it stands bare in a manifest.
INERT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.,:/@=+-")


def is_inert(text: str) -> bool:
    """Whether `text` may stand bare in a manifest: no engine gives any of its characters a meaning."""
    return INERT.issuperset(text)


def escape_name(name: str) -> str:
    """Spell a Python identifier in ASCII, reversibly: `é` becomes `-xe9-`, ASCII stays as it is.

    No two identifiers share a spelling, since no identifier contains `-`.
    """
    if name.isascii():
        return name
    return "".join(c if c.isascii() else f"-x{ord(c):x}-" for c in name)


def unescape_name(text: str) -> str:
    """Undo `escape_name`."""
    if "-" not in text:
        return text
    parts = text.split("-")
    return "".join(p if i % 2 == 0 else chr(int(p[1:], 16)) for i, p in enumerate(parts))


def shown_name(text: str) -> str:
    """What `text` spells, for a person: also of a word that `escape_name` never gives, such as EXIT_HOOK_STEP."""
    try:
        return unescape_name(text)
    except (ValueError, OverflowError):
        return text


# --------------------------------------------------------------------------- transitions
# A step that chooses writes the key of the arm it took as its control output `next`.
# The key follows from the `self.next` call alone, so that compiler and shim make the same one.
def goto_key(target: str) -> str:
    """`self.next(self.a)` or a switch's arm to `a`: "a"."""
    return escape_name(target)


def fork_key(targets: tuple[str, ...]) -> str:
    """`self.next(self.a, self.b)`: "a+b"."""
    return "+".join(escape_name(t) for t in targets)


def foreach_key(target: str) -> str:
    """`self.next(self.a, foreach=…)`: "foreach:a"."""
    return "foreach:" + escape_name(target)


def gang_key(target: str) -> str:
    """`self.next(self.a, num_parallel=…)`: "gang:a"."""
    return "gang:" + escape_name(target)


# --------------------------------------------------------------------------- paths
# A path is `r`, then for each foreach level `.INDEX` and for each loop level `~VISIT`, outermost
# first: `r`, `r.3`, `r.3~0`, `r~1.3`. All steps of one level share the path.
ROOT = "r"


def item_path(path: str, index: int) -> str:
    """The path of item `index` of a foreach (or rank of a gang) that split at `path`."""
    return f"{path}.{index}"


def visit_path(path: str, visit: int) -> str:
    """The path of pass `visit` (from 0) of a loop that was entered at `path`."""
    return f"{path}~{visit}"


def last_level(path: str) -> tuple[str, str, int]:
    """Split a path into (outer path, `.` or `~`, number); ("", "", 0) for the root."""
    cut = max(path.rfind("."), path.rfind("~"))
    if cut < 0:
        return "", "", 0
    return path[:cut], path[cut], int(path[cut + 1 :])


# --------------------------------------------------------------------------- inputs and tells
# ENV_INPUTS says where a task's inputs lie. One word for each input, joined by `,`:
#
#   work        the task of step `work` at this path
#   ../shard    the task of step `shard` one level out (the first step of a foreach body)
#   from        `from.json` beside this task names it (after a switch, after a loop)
#   from:a      `from.a.json` beside this task names it (the arm of a fork that began with `a`)
#   fold@shard  for each item that step `shard` split at this path, the task of `fold` (a join)
#   from@shard  the same, each named by its `from.INDEX.json`
#   X~from      the head of a loop: on its first visit X (`work` or `../shard`), looked up from
#               this path without the visit; on later ones `from.json` beside this task. Where
#               the loop can be entered in several ways the word is `from`: all of them tell.
#
# `from` is a keyword of Python, so no step has that name. A step that is no join has one word;
# the join of a fork has one for each arm, in the order of the transition. The join of a foreach
# or gang has one. Whatever a step's words, nothing is looked up by probing.
FROM = "from"

# ENV_TELLS lists the successors that must be told who came before them, joined by `,`, each as
# `[../]STEP[:ARM][~OPERATIONS]`. When a task's transition goes to one of them, its commit writes
# {"step", "path"} (its own) to the successor's `from.json`:
#
#   pick        from.json of `pick` at this path
#   join:a      from.a.json of `join` at this path (`a` began this arm of the fork)
#   ../join     from.INDEX.json of `join` one level out (this task ends item INDEX of a foreach)
#   work~+      the next visit of the loop at this level (a back edge)
#   done~-      one level out of a loop; `~--` two levels, `~-+` out of one and again in the next
#   work~0      the first visit of a loop entered here; `~-0` after leaving another one
#   join:a~-    out of a loop into the join; `../join~-` the same at the end of an item
#
# The operations after `~` are applied to the task's own path from left to right, before `../`
# takes the last level, an item's, away. A step is listed at most once.
LEAVE, AGAIN, ENTER = "-", "+", "0"


def apply_path_operations(path: str, operations: str) -> str:
    """Follow an edge through loop levels: `-` leaves one, `+` goes to its next visit, `0` enters one."""
    for operation in operations:
        if operation == ENTER:
            path = visit_path(path, 0)
            continue
        outer, _, visit = last_level(path)
        path = outer if operation == LEAVE else visit_path(outer, visit + 1)
    return path


# --------------------------------------------------------------------------- places in the datastore
def run_prefix(flow: str, run_id: str) -> str:
    """`<flow>/<run>`, below the datastore's root."""
    return f"{escape_name(flow)}/{run_id}"


def task_prefix(flow: str, run_id: str, step: str, path: str) -> str:
    """`<flow>/<run>/<step>/<path>`: the folder of a task's marker, control outputs and attempts."""
    return f"{run_prefix(flow, run_id)}/{escape_name(step)}/{path}"


RUN_OBJECT = "run.json"  # in the run's folder: the run's uid, parameters, origin
# In the run's folder: the parameters by name, and under INPUT_SETTINGS {"origin_run"?, "from_step"?,
# "tags"?, "user"?, "code"?: {path: sha256}, "triggers"?: [{"type", "name", "id", "timestamp"}], "graph"?,
# "created"?: seconds}. Written by Step Functions, and by a local run; Argo passes ENV_PARAMETERS instead.
INPUT_OBJECT = "input.json"
INPUT_SETTINGS = "_flowc"
# In the run's folder: what became of its tags since, `1.json`, `2.json`, …, each {"tags": [tag, …]} and written
# once; the highest number counts. A step's folder is never called so.
TAGS_FOLDER = "user-tags"
ENDED_OBJECT = "ended.json"  # in a local run's folder: {"status", "ended", "failed": [task, …]}
# In the run's folder: {"step", "path", "attempt": its prefix, "ended"} of the attempt that failed as the last one
# of its task. It says that the run fails only as long as the task has no later attempt and no result.
FAILED_OBJECT = "failed.json"
MARKER_OBJECT = "done.json"  # in the task's folder: names the attempt that won
# {"n": cardinality, "next": key}. After a final fault of a task whose
# FLOWC_FINAL_EXIT is 0 instead {"fault": message}, with "n" and "next" where the number of items is
# the fault, "next" where that of a loop's visits is: the engine reads it and ends the run by name.
CONTROL_OBJECT = "control.json"
ITEMS_OBJECT = "items.json"  # [0, 1, …]: the indices of a split, for an ItemReader
BLOBS_FOLDER = "data"  # in the flow's folder, beside its runs: large values, by their digest
# In the attempt's folder, in the order in which they appear; one with neither a record nor an end was
# killed together with what watched it.
BEGIN_OBJECT = "begin.json"  # {"started"}
RECORD_OBJECT = "record.json"  # what the attempt left, if it succeeded
FAILURE_OBJECT = "failure.json"  # what it raised
END_OBJECT = "end.json"  # {"ended", "exit"}, if it failed
LOG_OBJECT = "log"  # what it printed
SMALL_OBJECT = "small"  # the small values that it left, one after another
ATTEMPTS_PREFIX = "attempts"

# --------------------------------------------------------------------------- the code archive
CODE_FOLDER = "code"  # in the archive: the project's files, by their path from its root

# --------------------------------------------------------------------------- control files in a pod
CONTROL_FOLDER = "/tmp/flowc"  # noqa: S108 - a pod's own, fixed by the manifest
SPLITS_FILE = "splits"
NEXT_FILE = "next"
CONTROL_SPLITS = CONTROL_FOLDER + "/" + SPLITS_FILE
CONTROL_NEXT = CONTROL_FOLDER + "/" + NEXT_FILE

# --------------------------------------------------------------------------- reserved inputs of a run
PARAM_PREFIX = "flowc-"
PARAM_IMAGE = "flowc-image"
PARAM_DATASTORE = "flowc-datastore"
PARAM_ORIGIN_RUN = "flowc-origin-run"
PARAM_FROM_STEP = "flowc-from-step"
PARAM_TAGS = "flowc-tags"  # a list, JSON; no manifest declares it, a run that has tags passes it
# An event's payload, JSON, in a run that it started; SENTINEL for one of several that did not come.
PARAM_EVENT = "flowc-event-"
PARAM_FINISHED = "flowc-finished-"  # the same of an event that is the end of another flow's run
# The value of a manifest parameter whose default only the document can hold.
SENTINEL = "@flowc:default"

"""Every rule, in one table, by family.

FC0 source, FC1 declarations, FC2 transitions, FC3 structure, FC4 artifacts and bounds,
FC5 configuration, FC6 targets, FC7 manifests, FC9 our own faults. Each has its page in docs/diagnostics.
A code is never used again for another fault.
"""

from __future__ import annotations

from flowc.diagnostics.model import Rule, Severity

_E = Severity.ERROR
_W = Severity.WARNING


# FC0: the source text.
SYNTAX_ERROR = Rule("FC001", "syntax-error", _E, "The file is not valid Python.")
UNREADABLE_FILE = Rule("FC002", "unreadable-file", _E, "The file cannot be read as Python source.")
NEWER_SYNTAX = Rule(
    "FC003", "newer-syntax", _E, "The syntax is newer than the Python that runs the compiler."
)
NO_FLOW = Rule("FC004", "no-flow", _E, "No class of the file is a flow.")
SEVERAL_FLOWS = Rule("FC005", "several-flows", _E, "The file has several flows and none was chosen.")
UNKNOWN_FLOW = Rule("FC006", "unknown-flow", _E, "The flow asked for is not in the file.")
UNUSED_IGNORE = Rule("FC007", "unused-ignore", _W, "An ignore comment silences nothing.")
UNKNOWN_IGNORE_CODE = Rule(
    "FC008", "unknown-ignore-code", _W, "An ignore comment names a code that does not exist."
)
TOO_DEEP_SOURCE = Rule("FC009", "too-deep-source", _E, "Expressions are nested too deeply to be parsed.")

# FC1: declarations.
BASE_NOT_FOUND = Rule("FC101", "base-not-found", _W, "A base class of the flow is not found in the project.")
STEP_REDEFINED = Rule(
    "FC102", "step-redefined", _W, "A step is defined twice in one class; the second one counts."
)
UNKNOWN_DECORATOR = Rule(
    "FC103", "unknown-decorator", _W, "A decorator that flowc does not know is kept for the runtime."
)
DECORATOR_NOT_IMPORTED = Rule(
    "FC104", "decorator-not-imported", _E, "A name used as a decorator is never imported or defined."
)
UNKNOWN_ATTRIBUTE = Rule("FC105", "unknown-attribute", _E, "A decorator has no such attribute.")
ATTRIBUTE_TYPE = Rule("FC106", "attribute-type", _E, "A decorator's attribute has the wrong type.")
ATTRIBUTE_RANGE = Rule("FC107", "attribute-range", _E, "A decorator's attribute is out of its range.")
NOT_STATIC = Rule(
    "FC108", "not-static", _E, "A value that a manifest needs cannot be known without running the flow."
)
DUPLICATE_DECORATOR = Rule(
    "FC109", "duplicate-decorator", _E, "A decorator that may stand once stands twice."
)
RESERVED_STEP_NAME = Rule("FC110", "reserved-step-name", _E, "A step has a name that `FlowSpec` uses itself.")
STEP_ARGUMENTS = Rule(
    "FC111", "step-arguments", _E, "A step takes `self`, and a join `inputs`, and nothing else."
)
NOT_A_STEP_METHOD = Rule("FC112", "not-a-step-method", _E, "`@step` is on something that cannot be a step.")
DECORATOR_ORDER = Rule("FC113", "decorator-order", _E, "A step decorator stands below `@step`.")
DECORATOR_MISPLACED = Rule(
    "FC114", "decorator-misplaced", _E, "A flow decorator is on a step, or a step decorator on the flow."
)
MISSING_ATTRIBUTE = Rule("FC115", "missing-attribute", _E, "A decorator lacks an attribute it needs.")
POSITIONAL_ARGUMENT = Rule("FC116", "positional-argument", _E, "A decorator's attributes are given by name.")
DUPLICATE_PARAMETER = Rule("FC117", "duplicate-parameter", _E, "Two parameters have the same name.")
PARAMETER_NAME = Rule("FC118", "parameter-name", _E, "A parameter's name is reserved or cannot be an option.")
PARAMETER_TYPE = Rule("FC119", "parameter-type", _E, "A parameter's type is none that flowc knows.")
PARAMETER_DEFAULT = Rule("FC120", "parameter-default", _E, "A parameter's default does not fit its type.")
INCLUDED_FILE = Rule("FC121", "included-file", _E, "The default file of an `IncludeFile` is not found.")
CONFIG_VALUE = Rule("FC122", "config-value", _E, "A `Config` has no value the compiler can load.")
UNKNOWN_IMPORT = Rule("FC123", "unknown-import", _E, "A name is in neither `flowc` nor `metaflow`.")
MUTATOR_KEPT = Rule(
    "FC124", "mutator-kept", _W, "A mutator would change the flow when it is loaded; the runtime refuses it."
)
CATCH_ON_SPLIT = Rule(
    "FC125", "catch-on-split", _E, "`@catch` is on a step that splits over a foreach or switches."
)
SECRET_SOURCE = Rule("FC126", "secret-source", _E, "A source of `@secrets` is malformed.")
SEVERAL_STARTS = Rule("FC127", "several-starts", _E, "Two steps claim to be the first.")
SEVERAL_ENDS = Rule("FC128", "several-ends", _E, "Two steps claim to be the last.")
NAME_CLASH = Rule("FC129", "name-clash", _W, "Two things of the flow have the same name.")
DECORATOR_WITHOUT_STEP = Rule(
    "FC130", "decorator-without-step", _E, "A step decorator is on a method that is no step."
)
INVALID_ENVIRONMENT = Rule("FC131", "invalid-environment", _E, "A variable of `@environment` cannot be set.")
RESOURCES_CONFLICT = Rule(
    "FC132", "resources-conflict", _E, "Two decorators ask for values that cannot be reconciled."
)
EXIT_HOOK_FUNCTION = Rule(
    "FC133", "exit-hook-function", _E, "A function of `@exit_hook` is not found in the module."
)
METAFLOW_NEEDED = Rule("FC134", "metaflow-needed", _W, "A module is in an installed Metaflow alone.")
BASE_ORDER = Rule("FC135", "base-order", _E, "The bases of a class contradict one another.")

# FC2: transitions.
MISSING_NEXT = Rule("FC201", "missing-next", _E, "A path through a step ends without `self.next`.")
SEVERAL_NEXT = Rule("FC202", "several-next", _E, "A path through a step calls `self.next` more than once.")
UNKNOWN_STEP = Rule("FC203", "unknown-step", _E, "A transition names a step that does not exist.")
INVALID_TARGET = Rule("FC204", "invalid-target", _E, "An argument of `self.next` is not a step of the flow.")
UNKNOWN_KEYWORD = Rule("FC205", "unknown-keyword", _E, "`self.next` has no such keyword.")
SEVERAL_FOREACH_TARGETS = Rule(
    "FC206", "several-foreach-targets", _E, "A foreach or gang has more than one target."
)
FOREACH_NAME = Rule(
    "FC207", "foreach-name", _E, "The foreach of a transition is not the name of an artifact."
)
EMPTY_NEXT = Rule("FC208", "empty-next", _E, "`self.next` names no step.")
SWITCH_WITHOUT_CONDITION = Rule(
    "FC209", "switch-without-condition", _E, "A switch table comes without `condition=`."
)
CONDITION_NAME = Rule(
    "FC210", "condition-name", _E, "The condition of a switch is not the name of an artifact."
)
SWITCH_TABLE = Rule("FC211", "switch-table", _E, "A switch table cannot be read statically.")
SWITCH_CASES = Rule("FC212", "switch-cases", _E, "A switch has fewer than two cases.")
DUPLICATE_CASE = Rule("FC213", "duplicate-case", _W, "A switch table has the same key twice.")
NEXT_IN_END = Rule("FC214", "next-in-end", _E, "The last step has a transition.")
NEXT_OUTSIDE_STEP = Rule(
    "FC215", "next-outside-step", _E, "`self.next` is called outside the body of a step."
)
GANG_SIZE = Rule("FC216", "gang-size", _E, "`num_parallel` is not a positive whole number.")
COMBINED_KEYWORDS = Rule(
    "FC217", "combined-keywords", _E, "Keywords of `self.next` that exclude one another are combined."
)
TARGET_NOT_STEP = Rule("FC218", "target-not-step", _E, "A transition names a method without `@step`.")
DUPLICATE_TARGET = Rule("FC219", "duplicate-target", _E, "A split names the same step twice.")
STEP_CALLED = Rule("FC220", "step-called", _E, "A step is called like a function.")

# FC3: structure.
NO_START = Rule("FC301", "no-start", _E, "The flow has no first step.")
NO_END = Rule("FC302", "no-end", _E, "The flow has no last step.")
UNREACHABLE_STEP = Rule("FC303", "unreachable-step", _E, "No path from the first step leads to a step.")
START_HAS_PREDECESSOR = Rule("FC304", "start-has-predecessor", _E, "A transition leads to the first step.")
END_IS_JOIN = Rule("FC305", "end-is-join", _E, "The last step is a join.")
UNJOINED_SPLIT = Rule("FC306", "unjoined-split", _E, "A split is not joined before the flow ends.")
JOIN_WITHOUT_SPLIT = Rule("FC307", "join-without-split", _E, "A join has no split to match it.")
UNRELATED_JOIN = Rule("FC308", "unrelated-join", _E, "A join joins steps of different splits.")
INCOMPLETE_JOIN = Rule("FC309", "incomplete-join", _E, "An arm of a split does not reach its join.")
EMPTY_BODY = Rule("FC310", "empty-body", _E, "A split goes straight to its join.")
PARALLEL_WITHOUT_GANG = Rule(
    "FC311", "parallel-without-gang", _E, "A step with `@parallel` is not entered by `num_parallel`."
)
GANG_WITHOUT_PARALLEL = Rule(
    "FC312", "gang-without-parallel", _E, "A step entered by `num_parallel` lacks `@parallel`."
)
GANG_WITHOUT_JOIN = Rule("FC313", "gang-without-join", _E, "A step of a gang is not followed by a join.")
ENDLESS_LOOP = Rule("FC314", "endless-loop", _E, "A loop has no way out.")
IRREDUCIBLE_LOOP = Rule("FC315", "irreducible-loop", _E, "A loop is entered in the middle.")
LOOP_CROSSES_SPLIT = Rule("FC316", "loop-crosses-split", _E, "A loop goes back over the edge of a split.")
LOOP_AT_JOIN = Rule("FC317", "loop-at-join", _E, "A loop goes back to a join.")
SPLIT_LEAVES_LOOP = Rule("FC318", "split-leaves-loop", _E, "A split leads out of a loop.")
MISSING_INPUTS = Rule("FC319", "missing-inputs", _E, "Arms of a split meet in a step that is no join.")
NO_WAY_TO_END = Rule("FC320", "no-way-to-end", _E, "No path from a step leads to the last step.")
MIXED_ENTRY = Rule("FC321", "mixed-entry", _E, "A step is entered both by a split and by another way.")

# FC4: artifacts; FC45: bounds.
UNDEFINED_ARTIFACT = Rule(
    "FC401", "undefined-artifact", _E, "An artifact is read that no step before assigns."
)
LOST_AT_JOIN = Rule("FC402", "lost-at-join", _E, "An artifact is read after a join that does not keep it.")
MAYBE_UNDEFINED = Rule(
    "FC403", "maybe-undefined", _W, "On some path an artifact is read before it is assigned."
)
MERGE_CONFLICT = Rule(
    "FC404", "merge-conflict", _E, "`merge_artifacts` meets different values of one artifact."
)
MAYBE_MERGE_CONFLICT = Rule(
    "FC405", "maybe-merge-conflict", _W, "`merge_artifacts` may meet different values of one artifact."
)
UNKNOWN_BRANCH = Rule("FC406", "unknown-branch", _E, "`inputs` has no branch of this name.")
READ_BEFORE_WRITE = Rule("FC407", "read-before-write", _E, "A step reads an artifact before it assigns it.")
DELETED_ARTIFACT = Rule("FC408", "deleted-artifact", _E, "An artifact is read after it was deleted.")
PARAMETER_ASSIGNED = Rule("FC409", "parameter-assigned", _E, "A step assigns a parameter.")
INPUT_OUTSIDE_FOREACH = Rule(
    "FC410",
    "input-outside-foreach",
    _W,
    "`self.input` or `self.index` is read outside a foreach, where it is None.",
)
UNPICKLABLE_ARTIFACT = Rule(
    "FC411", "unpicklable-artifact", _E, "An artifact is assigned a value that cannot be stored."
)
UNORDERED_FOREACH = Rule(
    "FC412", "unordered-foreach", _W, "A foreach iterates over a set, whose order changes from run to run."
)
FOREACH_UNDEFINED = Rule(
    "FC413", "foreach-undefined", _E, "A foreach iterates over an artifact that is never assigned."
)
FOREACH_NOT_ITERABLE = Rule(
    "FC414", "foreach-not-iterable", _E, "A foreach iterates over a value that has no items."
)
CONDITION_UNDEFINED = Rule("FC415", "condition-undefined", _E, "A switch's condition is never assigned.")
CASE_MISSING = Rule(
    "FC416", "case-missing", _E, "A switch's condition has a value that the table does not list."
)
MERGE_OUTSIDE_JOIN = Rule(
    "FC417", "merge-outside-join", _E, "`merge_artifacts` is called in a step that is no join."
)
MERGE_MISSING = Rule(
    "FC418", "merge-missing", _E, "`merge_artifacts` includes an artifact that no branch has."
)
MERGE_ARGUMENTS = Rule(
    "FC419", "merge-arguments", _E, "`merge_artifacts` is given arguments that it does not take."
)
BRANCH_LACKS_ARTIFACT = Rule(
    "FC420", "branch-lacks-artifact", _E, "A branch of `inputs` never has the artifact read from it."
)
MAYBE_LOST_AT_JOIN = Rule(
    "FC421", "maybe-lost-at-join", _W, "On some path an artifact is read after a join that does not keep it."
)
CLASS_ATTRIBUTE_ASSIGNED = Rule(
    "FC422", "class-attribute-assigned", _E, "A step assigns a class attribute, which a flow cannot change."
)
MAYBE_CASE_MISSING = Rule(
    "FC423",
    "maybe-case-missing",
    _W,
    "On some path a switch's condition has a value that the table does not list.",
)
NOTHING_TO_DELETE = Rule(
    "FC424",
    "nothing-to-delete",
    _E,
    "A step deletes an artifact that it has neither read nor assigned, so that it does not hold it.",
)
TOO_MANY_SPLITS = Rule("FC451", "too-many-splits", _E, "A foreach makes more tasks than the limit allows.")
EMPTY_FOREACH = Rule("FC452", "empty-foreach", _E, "A foreach iterates over an empty list.")
GANG_TOO_LARGE = Rule("FC453", "gang-too-large", _E, "A gang is larger than the workers it can get.")
PEAK_EXCEEDED = Rule("FC454", "peak-exceeded", _E, "The peak of the flow exceeds the configured cap.")
FANOUT_MISPLACED = Rule(
    "FC455", "fanout-misplaced", _E, "`@fanout` is on a step that does not split over a foreach."
)

# FC5: configuration.
UNKNOWN_SETTING = Rule("FC501", "unknown-setting", _E, "The configuration has no such setting.")
SETTING_VALUE = Rule("FC502", "setting-value", _E, "A setting has a value it cannot have.")
FLOATING_IMAGE = Rule("FC503", "floating-image", _W, "An image is not pinned to a version.")
LOCAL_DATASTORE = Rule("FC504", "local-datastore", _E, "A target cannot reach a `file://` datastore.")
MISSING_INPUT = Rule(
    "FC505", "missing-input", _E, "A flow that starts by itself has a required input without a value."
)
REQUIRED_VERSION = Rule(
    "FC506", "required-version", _E, "The configuration asks for another version of flowc."
)
INVALID_CRON = Rule("FC507", "invalid-cron", _E, "A schedule is not a valid cron expression.")
INVALID_TIMEZONE = Rule("FC508", "invalid-timezone", _E, "A schedule names a time zone that does not exist.")
TRIGGER_PARAMETER = Rule(
    "FC509", "trigger-parameter", _E, "A trigger maps to a parameter that the flow does not have."
)
TRIGGER_EVENT = Rule("FC510", "trigger-event", _E, "A trigger is malformed.")
INCLUDE_MISSING = Rule("FC511", "include-missing", _E, "A file of `--include` is not found.")
INVALID_CONFIGURATION = Rule(
    "FC512", "invalid-configuration", _E, "The configuration file is not valid TOML."
)

# FC6: targets.
KUBERNETES_STEP = Rule("FC601", "kubernetes-step", _E, "The target cannot run a `@kubernetes` step.")
BATCH_STEP = Rule("FC602", "batch-step", _W, "The target runs a `@batch` step by its resources alone.")
PACKAGES_IGNORED = Rule(
    "FC603", "packages-ignored", _W, "The target does not install the packages of a step."
)
CARD_IGNORED = Rule("FC604", "card-ignored", _W, "Cards are not made.")
MANIFEST_TOO_LARGE = Rule("FC605", "manifest-too-large", _E, "The flow is too big for its target.")
TOO_MANY_NODES = Rule(
    "FC606", "too-many-nodes", _E, "A run would have more nodes than the engine can keep apart."
)
LOOP_TOO_DEEP = Rule("FC607", "loop-too-deep", _E, "A loop can go deeper than the engine nests.")
TOO_MANY_PARAMETERS = Rule(
    "FC608", "too-many-parameters", _E, "The flow has more parameters than the engine takes."
)
CRON_NOT_EXPRESSIBLE = Rule("FC609", "cron-not-expressible", _E, "The target cannot express a schedule.")
ATTRIBUTE_IGNORED = Rule("FC610", "attribute-ignored", _W, "The target does not honour an attribute.")
FARGATE_RESOURCES = Rule("FC611", "fargate-resources", _E, "No Fargate size fits a step.")
FARGATE_GPU = Rule("FC612", "fargate-gpu", _E, "Fargate has no GPUs.")
CODE_TOO_LARGE = Rule("FC613", "code-too-large", _E, "The code is too large to be embedded.")
INVALID_NAME = Rule("FC614", "invalid-name", _E, "A name is none that the target accepts.")
INVALID_FIELD = Rule(
    "FC615", "invalid-field", _E, "A field that the engine reads does not follow its grammar."
)
HOOK_NOT_ON_ABORT = Rule(
    "FC616", "hook-not-on-abort", _W, "The target runs no exit hook when a run is aborted."
)
MANY_NODES = Rule(
    "FC617", "many-nodes", _W, "The default limits allow more nodes than the engine can keep apart."
)
INVALID_IMAGE = Rule("FC618", "invalid-image", _E, "An image's name does not follow its grammar.")
SETTINGS_TOO_LARGE = Rule(
    "FC619", "settings-too-large", _E, "A step's own settings are too large for the target."
)
FRACTIONAL_CPU = Rule("FC620", "fractional-cpu", _W, "The target rounds a step's CPU up.")
TOO_MANY_ATTEMPTS = Rule("FC621", "too-many-attempts", _E, "The target allows fewer attempts.")
SECRET_NAME = Rule("FC622", "secret-name", _E, "A secret's name is none that the target accepts.")
UNSUPPORTED_TRIGGER = Rule("FC623", "unsupported-trigger", _E, "The target cannot express a trigger.")
LONG_HISTORY = Rule(
    "FC624", "long-history", _W, "A run may write more events than the engine keeps of one execution."
)

# FC7: manifests, ours or anyone's; 70–72 any and Argo, 74–75 state machines, 76 CloudFormation.
UNREADABLE_MANIFEST = Rule(
    "FC701", "unreadable-manifest", _E, "A manifest is neither valid YAML nor valid JSON."
)
DUPLICATE_KEY = Rule("FC702", "duplicate-key", _E, "A key stands twice in one mapping of a manifest.")
UNKNOWN_FIELD = Rule(
    "FC703", "unknown-field", _E, "A manifest has a field that its kind of object does not have."
)
MISSING_FIELD = Rule("FC704", "missing-field", _E, "A manifest lacks a field that its kind of object needs.")
FIELD_VALUE = Rule(
    "FC705",
    "field-value",
    _E,
    "A field of a manifest has a value of the wrong type, or none of those it takes.",
)
REMOVED_FIELD = Rule("FC706", "removed-field", _W, "A field of a manifest is read by older releases alone.")
FIELD_GRAMMAR = Rule(
    "FC707", "field-grammar", _E, "A text of a manifest does not follow the grammar of its field."
)
MANIFEST_NAME = Rule("FC708", "manifest-name", _E, "A name in a manifest is none that the engine accepts.")
MANIFEST_LIMIT = Rule("FC709", "manifest-limit", _E, "A manifest is beyond a limit of its engine.")
UNKNOWN_TEMPLATE = Rule("FC711", "unknown-template", _E, "A template is named that is not there.")
UNKNOWN_TASK = Rule("FC712", "unknown-task", _E, "A task depends on one that is not in its DAG.")
DEPENDS_EXPRESSION = Rule("FC713", "depends-expression", _E, "The `depends` of a task cannot be read.")
DEPENDENCY_CYCLE = Rule("FC714", "dependency-cycle", _E, "Tasks wait for one another.")
DUPLICATE_NAME = Rule("FC715", "duplicate-name", _E, "Two things beside each other have the same name.")
UNUSED_TEMPLATE = Rule("FC716", "unused-template", _W, "A template is reached from nowhere.")
MISSING_ARGUMENT = Rule("FC717", "missing-argument", _E, "An input without a default gets no argument.")
UNRESOLVED_REFERENCE = Rule("FC718", "unresolved-reference", _E, "A `{{…}}` names what is not in its scope.")
ENGINE_EXPRESSION = Rule(
    "FC719", "engine-expression", _E, "An expression of Argo Workflows is not well formed."
)
TEMPLATE_KIND = Rule("FC720", "template-kind", _E, "A template does not say what it runs, or says it twice.")
EXCLUSIVE_FIELDS = Rule("FC721", "exclusive-fields", _E, "Fields that exclude one another stand together.")
MISPLACED_FIELD = Rule("FC722", "misplaced-field", _E, "A field stands where the engine does not take it.")
RETRY_STRATEGY = Rule("FC723", "retry-strategy", _E, "A retry strategy says what the engine cannot do.")
RESOURCE_AMOUNTS = Rule(
    "FC724", "resource-amounts", _E, "A container asks for more of a resource than its limit."
)
UNKNOWN_VOLUME = Rule("FC725", "unknown-volume", _E, "A container mounts a volume that is not declared.")
MANIFEST_SCHEDULE = Rule("FC726", "manifest-schedule", _E, "A schedule in a manifest is no valid one.")
UNKNOWN_OBJECT = Rule(
    "FC727", "unknown-object", _E, "An object of the bundle lacks what another one reads from it."
)
LEAKING_DEFAULT = Rule(
    "FC728", "leaking-default", _W, "A default for templates also reaches those it does not fit."
)
FAIL_FAST = Rule("FC729", "fail-fast", _W, "A template-level `failFast` counts failed attempts as failures.")
UNKNOWN_STATE = Rule("FC741", "unknown-state", _E, "A transition names a state that is not beside it.")
UNREACHABLE_STATE = Rule("FC742", "unreachable-state", _E, "No path leads to a state.")
ENDLESS_MACHINE = Rule(
    "FC743", "endless-machine", _E, "No path of a state machine ends, or a state does not say how it goes on."
)
MIXED_DIALECT = Rule("FC744", "mixed-dialect", _E, "A state has a field of the other query language.")
JSONATA = Rule("FC745", "jsonata", _E, "A JSONata expression is not well formed.")
VARIABLE_SCOPE = Rule(
    "FC746",
    "variable-scope",
    _E,
    "A variable is read where it has no value, or assigned where it may not be.",
)
JSONPATH = Rule("FC747", "jsonpath", _E, "A path or an intrinsic function is not well formed.")
CHOICE_RULE = Rule("FC748", "choice-rule", _E, "A rule of a choice compares nothing, or twice.")
RETRIER = Rule("FC749", "retrier", _E, "A retrier or catcher can never work as written.")
MAP_STATE = Rule("FC750", "map-state", _E, "A map has fields that its mode does not take.")
TASK_RESOURCE = Rule(
    "FC751", "task-resource", _E, "The resource of a task is none that Step Functions can call."
)
TASK_ARGUMENTS = Rule(
    "FC752", "task-arguments", _E, "The arguments of a task are not those of the call it makes."
)
BATCH_JOB = Rule("FC753", "batch-job", _E, "A Batch job asks for what Batch refuses.")
UNKNOWN_LOGICAL_NAME = Rule(
    "FC761", "unknown-logical-name", _E, "A template refers to a resource or parameter that it does not have."
)
SUBSTITUTION = Rule(
    "FC762", "substitution", _E, "A placeholder of a state machine and its substitutions do not match."
)
DEFINITION_FILE = Rule(
    "FC763", "definition-file", _W, "The definition that a template names is not beside it."
)

# FC9: our own.
INTERNAL_ERROR = Rule("FC901", "internal-error", _E, "flowc failed; this is a bug.")

RULES: dict[str, Rule] = {rule.code: rule for rule in list(globals().values()) if isinstance(rule, Rule)}

"""The names that `flowc` and `metaflow` export.

A name that is in no table is a fault at its import. What a running step gets by these names stands
in `runtime/api/names`; a test holds the two together.
"""

from __future__ import annotations

API_MODULES = frozenset({"flowc", "metaflow"})

STEP_DECORATOR_NAMES = frozenset(
    """
    batch card catch conda environment fanout kubernetes parallel pypi pytorch_parallel resources retry secrets
    step timeout airflow_internal argo_workflows_internal step_functions_internal unbounded_test_foreach_internal
    """.split()
)

FLOW_DECORATOR_NAMES = frozenset(
    """
    conda_base exit_hook project pypi_base schedule trigger trigger_on_finish
    airflow_external_task_sensor airflow_s3_key_sensor
    """.split()
)

_OTHER_NAMES = frozenset(
    """
    Config ConfigValue DataArtifact DeployedFlow Deployer Flow FlowMutator FlowSpec IncludeFile JSONType
    JSONTypeClass Metaflow NBDeployer NBRunner Parameter Run Runner S3 Step StepMutator Task USER_SKIP_STEP
    UserStepDecorator conda_environment_yml_parser config_expr current default_metadata default_namespace
    get_metadata get_namespace inspect_spin metadata namespace namespaced_event_name package_sources
    parallel_imap_unordered parallel_map profile pyproject_toml_parser requirements_txt_parser
    user_step_decorator yaml_parser __version__
    """.split()
)

# Modules below the top level, which `from metaflow import …` finds too. Those flowc has as well …
_MODULES = frozenset(
    """
    cards client datatools decorators events exception flowspec includefile metaflow_current metaflow_profile
    multicore_utils parameters plugins user_configs user_decorators
    os sys
    """.split()
)

# … those only an installed Metaflow has, so that a step's image must have it …
METAFLOW_MODULES = frozenset(
    """
    R cli cli_args cli_components clone_util cmd cmd_with_io datastore debug event_logger
    extension_support graph integrations lint meta_files metadata_provider metaflow_config
    metaflow_config_funcs metaflow_environment metaflow_git metaflow_version mflog monitor package
    packaging_sys procpoll pylint_wrapper runner runtime sidecar system system_context tagging_util task
    tracing tuple_util unbounded_foreach util vendor version
    """.split()
)

# … and flowc's own, which a flow has no use for but may import.
_FLOWC_MODULES = frozenset(
    """
    backends cli compiler contract deploy diagnostics dsl frontend ir launch local manifest passes platform
    records runtime share source target validate
    """.split()
)

# What `cards` has; an extension may add to it.
CARD_NAMES = frozenset(
    """
    Artifact BlankCard DefaultCard Error ErrorCard EventsTimeline Image JSONViewer Markdown MetaflowCard
    MetaflowCardComponent PageComponent ProgressBar PythonCode Table UserComponent ValueBox VegaChart YAMLViewer
    get_cards
    """.split()
)

STAR_NAMES = (STEP_DECORATOR_NAMES | FLOW_DECORATOR_NAMES | _OTHER_NAMES | {"cards", "os", "sys"}) - {
    "__version__"
}
API_NAMES = STAR_NAMES | {"__version__"} | _MODULES | METAFLOW_MODULES


def exports(package: str) -> frozenset[str]:
    """What `from package import …` finds, where `package` is flowc or metaflow."""
    return API_NAMES if package == "metaflow" else (API_NAMES - METAFLOW_MODULES) | _FLOWC_MODULES


def modules(package: str) -> frozenset[str]:
    """What `import package.…` finds."""
    found = _MODULES - {"os", "sys"}
    return found | (METAFLOW_MODULES | {"_vendor"} if package == "metaflow" else _FLOWC_MODULES)


# What published extensions of Metaflow add to its top level: they need Metaflow's own machinery.
EXTENSION_NAMES = frozenset(
    """
    app_deploy checkpoint deepspeed deepspeed_parallel gpu_profile huggingface_hub load_model metaflow_ray model
    mpi nim nvidia ollama ray_parallel slurm snowpark tensorflow_parallel titus torchrun torchrun_parallel
    vllm with_card
    """.split()
)

"""The names that `flowc` and `metaflow` export.

A name that is in neither table is a fault at its import; a name of a published Metaflow extension
is kept, since the extension may be installed where the flow runs.
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
    JSONTypeClass Metaflow NBDeployer NBRunner Parameter R Run Runner S3 Step StepMutator Task USER_SKIP_STEP
    UserStepDecorator conda_environment_yml_parser config_expr current default_metadata default_namespace
    get_metadata get_namespace inspect_spin metadata namespace namespaced_event_name package_sources
    parallel_imap_unordered parallel_map profile pyproject_toml_parser requirements_txt_parser
    user_step_decorator yaml_parser __version__
    """.split()
)

# Modules inside the package, which `from metaflow import …` finds too.
_SUBMODULES = frozenset(
    """
    cards cli cli_args cli_components client clone_util cmd cmd_with_io contract datastore datatools debug
    decorators diagnostics dsl event_logger events exception extension_support flowspec frontend graph includefile
    integrations ir lint local meta_files metadata_provider metaflow_config metaflow_config_funcs
    metaflow_current metaflow_environment metaflow_git metaflow_profile metaflow_version mflog monitor
    multicore_utils os package packaging_sys parameters passes plugins procpoll pylint_wrapper runner runtime
    sidecar sys system system_context tagging_util target task tracing tuple_util unbounded_foreach
    user_configs user_decorators util vendor version
    """.split()
)

API_NAMES = STEP_DECORATOR_NAMES | FLOW_DECORATOR_NAMES | _OTHER_NAMES | _SUBMODULES

# What published extensions of Metaflow add to its top level.
EXTENSION_NAMES = frozenset(
    """
    app_deploy checkpoint deepspeed deepspeed_parallel gpu_profile huggingface_hub load_model metaflow_ray model
    mpi nim nvidia ollama ray_parallel slurm snowpark tensorflow_parallel titus torchrun torchrun_parallel
    vllm with_card
    """.split()
)

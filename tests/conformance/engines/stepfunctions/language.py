"""What moto's interpreter of the state language gets wrong, put right: one function for each defect."""

from __future__ import annotations

import functools
import hashlib
import json
import random
import sys
import threading
import uuid
from typing import Any

PARSER = "moto.stepfunctions.parser"


def mend(s3: str) -> None:
    """Put all of it right; `s3` is the address of the server that the states' S3 calls go to."""
    import moto.stepfunctions.models  # noqa: F401 - loads the modules below

    evaluate_expressions()
    quote_variables()
    convert_argument_names()
    parse_each_definition_afresh()
    let_synchronous_tasks_be_retried()
    keep_reserved_error_names()
    end_jobs_of_aborted_tasks()
    name_services_that_are_away()
    send_s3_calls_to(s3)


def replace_everywhere(name: str, replacement: object) -> None:
    """Replace a function in every module of the interpreter that has imported it by name."""
    for module in [m for n, m in sys.modules.items() if n.startswith(PARSER)]:
        if name in vars(module):
            setattr(module, name, replacement)


def evaluate_expressions() -> None:
    """Moto has no JSONata evaluator at all: use the Python one, with the functions that Step Functions adds."""
    import jsonata
    from jsonata.utils import Utils
    from moto.stepfunctions.parser.asl.jsonata import jsonata as expressions

    own = {
        "parse": json.loads,
        "partition": lambda items, size: [items[i : i + int(size)] for i in range(0, len(items), int(size))],
        "range": lambda first, last, by: list(range(int(first), int(last) + (1 if by > 0 else -1), int(by))),
        "hash": lambda text, name: hashlib.new(
            name.replace("SHA-", "sha").lower(), text.encode()
        ).hexdigest(),
        "random": random.random,
        "uuid": lambda: str(uuid.uuid4()),
    }

    def evaluate(text: str) -> Any:
        try:
            expression = jsonata.Jsonata(text)
            for name, function in own.items():
                expression.register_lambda(name, function)
            return json.loads(json.dumps(Utils.convert_nulls(expression.evaluate(None))))
        except Exception as error:
            raise expressions.JSONataException("UNKNOWN", str(error)) from error

    expressions._eval_jsonata = evaluate


def quote_variables() -> None:
    """A string variable enters expressions between quotes, unescaped: a quote in it breaks them."""

    def declare(bindings: dict[str, Any]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    replace_everywhere("encode_jsonata_variable_declarations", declare)


def convert_argument_names() -> None:
    """Arguments in PascalCase, which AWS requires, reach botocore as they are, and answers come back so."""
    import botocore.session
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
        StateTaskService,
    )
    from moto.stepfunctions.parser.utils import camel_to_snake_case

    session = botocore.session.get_session()

    @functools.cache
    def operation(service: str, action: str) -> Any:
        model = session.get_service_model(service)
        names = {camel_to_snake_case(name): name for name in model.operation_names}
        return model.operation_model(names[camel_to_snake_case(action)])

    def model_of(task: Any, service: str | None, action: str | None) -> Any:
        return operation(task._get_boto_service_name(service), task._get_boto_service_action(action))

    def arguments(
        self: Any,
        parameters: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = model_of(self, boto_service_name, service_action_name).input_shape
        if shape is not None:
            self._to_boto_request(parameters, shape)

    def answer(
        self: Any,
        response: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = model_of(self, boto_service_name, service_action_name).output_shape
        if shape is not None:
            self._from_boto_response(response, shape)

    StateTaskService._normalise_parameters = arguments
    StateTaskService._normalise_response = answer


def parse_each_definition_afresh() -> None:
    """The parser keeps its stack of query languages on the class: one refused definition spoils the next."""
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    begin = Preprocessor.__init__

    def with_own_stack(self: Any, *args: object, **options: object) -> None:
        begin(self, *args, **options)
        self._query_language_per_scope = []

    Preprocessor.__init__ = with_own_stack


def let_synchronous_tasks_be_retried() -> None:
    """A state's endpoint is interrupted when its first attempt ends: the second would end at once."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
        StateTaskServiceCallback,
    )

    evaluate = StateTaskServiceCallback._eval_integration_pattern

    def armed_again(self: Any, env: Any, **rest: Any) -> None:
        token = env.states.context_object.context_object_data["Task"]["Token"]
        endpoint = env.callback_pool_manager.get(token)
        if endpoint is not None:
            endpoint._notify_event.clear()
            endpoint._outcome = None
        evaluate(self, env=env, **rest)

    StateTaskServiceCallback._eval_integration_pattern = armed_again


def keep_reserved_error_names() -> None:
    """`States.TaskFailed` of a task inside a Map or Parallel surfaces as `States.Runtime`."""
    from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
    from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl

    def name_of(error_name: str | None) -> Any:
        reserved = error_name is not None and error_name.startswith("States.")
        return StatesErrorName.from_name(error_name) if reserved else CustomErrorName(error_name)

    for module in (iteration_worker, branches_decl):
        module.CustomErrorName = name_of


def end_jobs_of_aborted_tasks() -> None:
    """A task is aborted with its execution, or where a sibling fails: its job is terminated, not left to run."""
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_batch import (
        StateTaskServiceBatch,
    )
    from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for

    plain = StateTaskServiceBatch._build_sync_resolver

    def watched(self: Any, env: Any, **rest: Any) -> Any:
        job, ended = env.stack[-1]["JobId"], threading.Event()
        resolve = plain(self, env=env, **rest)

        def resolved() -> Any:
            try:
                outcome = resolve()
            except FailureEventException:
                ended.set()
                raise
            if outcome is not None:
                ended.set()
            return outcome

        def watch() -> None:
            while not ended.wait(0.5):
                if not env.is_running():
                    client = boto_client_for(service="batch", region=rest["resource_runtime_part"].region)
                    client.terminate_job(jobId=job, reason="the task was aborted")
                    return

        threading.Thread(target=watch, daemon=True).start()
        return resolved

    StateTaskServiceBatch._build_sync_resolver = watched


def name_services_that_are_away() -> None:
    """A service that does not answer fails a state by `SdkClientException`, which can be tried again."""
    from botocore.exceptions import BotoCoreError
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
        StateTaskServiceAwsSdk,
    )

    plain = StateTaskServiceAwsSdk._from_error

    def from_error(self: Any, env: Any, ex: Exception) -> Any:
        if not isinstance(ex, BotoCoreError):
            return plain(self, env=env, ex=ex)
        service = self._normalise_service_error_name(self.resource.api_name)
        return self._get_task_failure_event(env=env, error=f"{service}.SdkClientException", cause=str(ex))

    StateTaskServiceAwsSdk._from_error = from_error


def send_s3_calls_to(address: str) -> None:
    """States reach the S3 server of the run instead of moto's own, which has no conditional writes that hold."""
    import boto3
    from botocore.config import Config
    from moto.stepfunctions.parser.asl.utils import boto_client

    plain = boto_client.boto_client_for

    def client(region: str, service: str, state_credentials: Any = None) -> Any:
        if service != "s3":
            return plain(region=region, service=service, state_credentials=state_credentials)
        # The credentials are boto3's own: those of this process.
        config = Config(s3={"addressing_style": "path"}, parameter_validation=False)
        return boto3.client("s3", endpoint_url=address, region_name=region, config=config)

    replace_everywhere("boto_client_for", client)

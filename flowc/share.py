"""Where the files that ship with flowc are: templates, schemas, the pages of the diagnostics.

An installed wheel carries them in `flowc/_share`; in a checkout (and an editable install) they
stand at the repository's root. Invariant: nothing outside those folders is opened.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_CHECKOUT = {"diagnostics": os.path.join("docs", "diagnostics")}


def folder(kind: str) -> str:
    """The folder of `templates`, `schemas` or `diagnostics`."""
    shipped = os.path.join(_PACKAGE, "_share", kind)
    if os.path.isdir(shipped):
        return shipped
    return os.path.join(os.path.dirname(_PACKAGE), _CHECKOUT.get(kind, kind))


def read_text(kind: str, name: str) -> str | None:
    """The text of one file; None where flowc ships no such file."""
    path = os.path.join(folder(kind), name)
    if os.path.dirname(name) or not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def fill_template(name: str, **values: object) -> str:
    """One of `templates/` with its holes filled; the filter `shell` quotes a word for a shell.

    A hole without a value is our fault and raises `jinja2.UndefinedError`.
    """
    import shlex

    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html", "html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shell"] = shlex.quote
    # `tojson` as jinja2 has it escapes for HTML; a Dockerfile takes plain JSON.
    environment.filters["tojson"] = _plain_json
    return environment.get_template(name).render(**values)


def _plain_json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)

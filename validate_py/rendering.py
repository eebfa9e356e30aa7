"""A model's SQL as dbt compiles it, without dbt, which takes seconds to start.

The models stay the one home of every rule: they are rendered from their files at each run. What
they may use is what the project uses: `ref`, `source`, `var`, `config`, `env_var`, `return`,
`adapter.dispatch`, `adapter.config.version`, `graph.nodes`, `local_md5`,
`exceptions.raise_compiler_error`, `modules.re` and the project's macros.
Anything else is an error, and a test holds the text to dbt's own, model by model.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import jinja2

from common_py.errors import CinError
from validate_py.definitions import Definitions

DATABASE = "warehouse"
_ENGINE = "duckdb"
_MACRO = re.compile(r"({%-?\s*macro\s+)(\w+)")
_PREFIX = "dbt_macro__"
_NO_DEFAULT = object()
_REMEDY = "install the project again; if you changed a model, see what `cin build` says about it"


class _Missing(jinja2.Undefined):
    """What a template asks for and nobody defined: false when asked, an error when written."""

    def __str__(self) -> str:
        raise jinja2.UndefinedError(self._undefined_message)


class _Returned(Exception):  # noqa: N818 - a value on its way out of a macro, not an error
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


@dataclass(frozen=True)
class Rendered:
    """One model's query.

    Attributes
    ----------
    sql
        The query.
    refs
        The models and seeds it reads.
    sources
        The source tables it reads, as source and table.
    """

    sql: str
    refs: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


class _Graph:
    """What macros ask of dbt's graph: every model and seed; read when it is asked for."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    @property
    def nodes(self) -> Mapping[str, Mapping[str, Any]]:
        return self._definitions.nodes


class Renderer:
    """Renders models of one project.

    Parameters
    ----------
    definitions
        The project.
    variables
        Settings that override those of `dbt_project.yml`.
    """

    def __init__(
        self, definitions: Definitions, variables: Mapping[str, Any] | None = None
    ) -> None:
        self._definitions = definitions
        self._variables = {**definitions.variables, **(variables or {})}
        self._refs: dict[str, None] = {}
        self._sources: dict[tuple[str, str], None] = {}
        self._macros: dict[str, Callable[..., Any]] = {}
        self._environment = jinja2.Environment(  # noqa: S701 - SQL, not HTML
            extensions=["jinja2.ext.do"], undefined=_Missing
        )
        self._environment.globals.update(self._context())
        self._load_macros()

    def render(self, name: str) -> Rendered:
        """Render a model.

        Raises
        ------
        CinError
            If there is no such model, or it uses what is not offered here.
        """
        node = self._definitions.models.get(name)
        if node is None:
            raise CinError(f"there is no model {name}", remedy=_REMEDY)
        return self.render_file(node.path, f"models/…/{node.path.name}")

    def render_test(self, name: str) -> Rendered:
        """Render a singular data test: a query whose every row is a failure.

        Raises
        ------
        CinError
            If there is no such test, or it uses what is not offered here.
        """
        node = self._definitions.tests.get(name)
        if node is None:
            raise CinError(f"there is no data test {name}", remedy=_REMEDY)
        return self.render_file(node.path, f"tests/…/{node.path.name}")

    def render_file(self, path: Path, place: str) -> Rendered:
        """Render a file of SQL, which errors call `place`.

        Raises
        ------
        CinError
            If it uses what is not offered here.
        """
        self._refs, self._sources = {}, {}
        text = path.read_text(encoding="utf-8")
        try:
            sql = self._environment.from_string(text).render()
        except jinja2.TemplateError as error:
            raise CinError(f"{error}", file=place, remedy=_REMEDY) from error
        return Rendered(sql, tuple(self._refs), tuple(self._sources))

    def macro(self, name: str, *arguments: object) -> Any:
        """Call one of the project's macros.

        Raises
        ------
        CinError
            If there is no such macro, or it uses what is not offered here.
        """
        if name not in self._macros:
            raise CinError(f"there is no macro {name}", remedy=_REMEDY)
        try:
            return self._macros[name](*arguments)
        except jinja2.TemplateError as error:
            raise CinError(f"{error}", file=f"macro {name}", remedy=_REMEDY) from error

    def _load_macros(self) -> None:
        """Make every macro known by its name, before any is read: they call each other.

        Within their own file macros are renamed, so that they too call each other through the
        one name whose call ends where `return` stands.
        """
        texts = [path.read_text(encoding="utf-8") for path in self._definitions.macro_files]
        for text in texts:
            for _, name in _MACRO.findall(text):
                self._environment.globals[name] = self._late(name)
        for text in texts:
            module = self._environment.from_string(_MACRO.sub(rf"\1{_PREFIX}\2", text)).module
            for name, macro in vars(module).items():
                if name.startswith(_PREFIX):
                    self._macros[name.removeprefix(_PREFIX)] = _returning(macro)

    def _late(self, name: str) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> Any:
            return self._macros[name](*arguments, **named)

        return call

    def _context(self) -> dict[str, Any]:
        return {
            "ref": self._ref,
            "source": self._source,
            "var": self._var,
            "env_var": _env_var,
            "config": lambda **_: "",
            "return": _return,
            "adapter": SimpleNamespace(
                dispatch=self._dispatch,
                config=SimpleNamespace(version=self._definitions.version),
            ),
            "graph": _Graph(self._definitions),
            "local_md5": _md5,
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "modules": SimpleNamespace(re=re),
            "target": SimpleNamespace(type=_ENGINE, schema="main", name=_ENGINE),
            "project_name": self._definitions.name,
            "execute": True,
        }

    def _ref(self, name: str) -> str:
        node = self._definitions.models.get(name) or self._definitions.seeds.get(name)
        if node is None:
            raise CinError(f"there is no model or seed {name}", remedy=_REMEDY)
        self._refs[name] = None
        return relation(node.schema, name)

    def _source(self, source: str, table: str) -> str:
        found = self._definitions.sources.get((source, table))
        if found is None:
            raise CinError(f"there is no source {source}.{table}", remedy=_REMEDY)
        self._sources[source, table] = None
        return relation(found["schema"], found["identifier"])

    def _var(self, name: str, default: object = _NO_DEFAULT) -> Any:
        value = self._variables.get(name, default)
        if value is _NO_DEFAULT:
            raise CinError(f"there is no setting {name} in dbt_project.yml", remedy=_REMEDY)
        return value

    def _dispatch(self, name: str, _package: str) -> Callable[..., Any]:
        for candidate in (f"{_ENGINE}__{name}", f"default__{name}"):
            if candidate in self._macros:
                return self._macros[candidate]
        raise CinError(f"there is no macro {name} for {_ENGINE}", remedy=_REMEDY)


def relation(schema: str, name: str) -> str:
    """Return the quoted name of a table, as dbt writes it."""
    return f'"{DATABASE}"."{schema}"."{name}"'


def _returning(macro: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: object, **named: object) -> Any:
        try:
            return macro(*arguments, **named)
        except _Returned as returned:
            return returned.value

    return call


def _return(value: object = None) -> NoReturn:
    raise _Returned(value)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _env_var(name: str, default: object = _NO_DEFAULT) -> Any:
    value = os.environ.get(name, default)
    if value is _NO_DEFAULT:
        raise CinError(f"the variable {name} is not set", remedy=f"set {name}")
    return value


def _refuse(message: str) -> NoReturn:
    raise CinError(message, remedy=_REMEDY)

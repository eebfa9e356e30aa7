"""Settings are in pyproject.toml; here a wheel is given the models that `cin validate` runs.

A wheel holds packages only, and the models, seeds and macros lie beside them, where dbt and people
look for them. So they are copied into `validate_py/project` as a wheel is made. An editable
installation reads them where they are.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
DEFINITIONS = ("dbt_project.yml", "macros", "models", "seeds")


class build_py_with_models(build_py):  # noqa: N801 - setuptools names a command so
    """Copies dbt's definitions into the package that reads them."""

    def run(self) -> None:
        """Build, then copy; an editable installation copies nothing."""
        super().run()
        if self.editable_mode:
            return
        project = Path(self.build_lib) / "validate_py" / "project"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        for name in DEFINITIONS:
            if (HERE / name).is_dir():
                shutil.copytree(HERE / name, project / name)
            else:
                shutil.copy2(HERE / name, project / name)


setup(cmdclass={"build_py": build_py_with_models})

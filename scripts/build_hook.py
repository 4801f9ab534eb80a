"""What a wheel needs besides Python files: the built web console and the compiled catalogues.

Hatch runs this for each wheel and also when only metadata is asked for; both steps do nothing while their sources are
unchanged.  An editable install leaves both to `make`, which shows its progress: pip would hide it.
"""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RelevoBuildHook(BuildHookInterface[Any]):
    """Named in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files are gathered."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from scripts import catalogues, web
        finally:
            sys.path.remove(self.root)
        web.build()
        catalogues.build()

"""Groups whose commands are imported when they are called: help and short commands start fast."""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """Where a command is, and what a list of commands says of it."""

    module: str
    help: str
    """The first sentence of its own help; empty: people do not see it."""
    attribute: str = "command"


class LazyGroup(click.Group):
    """A group of such commands, in the order in which they are given."""

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        """Take the commands by name."""
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that people see."""
        return [*(name for name, one in self.lazy.items() if one.help), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of this name."""
        found = self.lazy.get(cmd_name)
        if found is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(importlib.import_module(found.module), found.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        own, lazy = self.commands, self.lazy
        names = self.list_commands(ctx)
        shown = {name: own[name] if name in own else click.Command(name, help=lazy[name].help) for name in names}
        _Listed(commands=shown).format_commands(ctx, formatter)


class _Listed(click.Group):
    """Commands in the order in which they are given, not by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        del ctx
        return list(self.commands)

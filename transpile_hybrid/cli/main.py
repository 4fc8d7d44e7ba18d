"""The command ``transpile-hybrid``: verbs are imported when they are used, so that start-up stays short."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from importlib import import_module

gc.set_threshold(50_000, 20, 50)  # loading modules makes no garbage worth a look every 700 objects

import click  # noqa: E402

from .. import __version__  # noqa: E402

VERBS = {
    "check": "Say what stands in the way of compiling.",
    "rewrite": "Rewrite code to the form that its framework can compile.",
    "verify": "Run original and rewritten side by side: equal? faster?",
    "record": "Run a command and note what models are built and called with.",
    "export": "Serialize units by their targets; reload in a fresh process, compare bitwise.",
    "explain": "Explain a rule.",
    "server": "Run the language server for editors.",
    "config": "Print the settings in force and where each comes from.",
    "cache": "Show or remove the cache.",
}


class LazyGroup(click.Group):
    """A group whose commands live in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="transpile-hybrid", message="%(prog)s %(version)s")
def cli() -> None:
    """Take imperative deep-learning code to the form that its framework can compile, prove it equal, measure it faster.

    Targets: mxnet.hybrid, torch.script, torch.compile, torch.export, tf.function, tf.xla.

    Exit codes: 0 clean, 1 findings (or: not all could be done), 2 the tool could not do its work.

    Shell completion: eval "$(_TRANSPILE_HYBRID_COMPLETE=bash_source transpile-hybrid)"  (or zsh_source, fish_source)
    """


def main() -> None:
    """Run the command; an error of ours is one line on standard error and exit code 2."""
    try:
        code = _command()
        sys.stdout.flush()
    except BrokenPipeError:
        code = 141
        _discard_output()
    except OSError as exc:
        code = 2
        _discard_output()
        with contextlib.suppress(OSError):
            click.echo(f"transpile-hybrid: {exc.filename or 'output'}: {exc.strerror or exc}", err=True)
    sys.exit(code)


def _discard_output() -> None:
    """Let what could not be written go, or Python would try again when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command() -> int:
    try:
        code = cli.main(standalone_mode=False)
    except SystemExit as exc:
        code = exc.code
    except click.exceptions.Exit as exc:
        code = exc.exit_code
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.format_message())
        code = 2
    except click.ClickException as exc:
        click.echo(f"transpile-hybrid: {exc.format_message()}", err=True)
        code = 2
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("transpile-hybrid: stopped; every file is whole", err=True)
        code = 130
    return code if isinstance(code, int) else 0

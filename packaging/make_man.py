"""Fills in the manual page from the program's own command line and settings. Run by the build, in its environment.

python packaging/make_man.py VERSION DATE FILE
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "packaging" / "linux" / "scr-bulk.1"


def escaped(text: str) -> str:
    """Text as roff takes it literally; a line must not begin with its marks."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def entry(term: str, text: str) -> str:
    """One term and what it means."""
    return f".TP\n.B {escaped(term)}\n{escaped(text)}"


def commands(parser: argparse.ArgumentParser) -> str:
    """Every verb with its sentence; verbs that have verbs of their own are told with those."""
    told = []
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        for choice in action._choices_actions:
            inner = [one for one in action.choices[choice.dest]._actions if isinstance(one, argparse._SubParsersAction)]
            kinds = [f" {kind}" for one in inner for kind in [" | ".join(one.choices)]]
            told.append(entry(f"{choice.dest}{''.join(kinds)}", choice.help or ""))
    return "\n".join(told)


def options(parser: argparse.ArgumentParser) -> str:
    """The options that go before any command."""
    wanted = [action for action in parser._actions if action.option_strings]
    return "\n".join(
        entry(", ".join(action.option_strings), (action.help or "").replace("%(prog)s", parser.prog))
        for action in wanted
    )


def main(version: str, day: str, target: Path) -> None:
    """Write the page."""
    sys.path.insert(0, str(ROOT))
    from app.cli.parser import build_parser
    from app.config import DECLARED

    parser = build_parser()
    settings = "\n".join(
        entry(setting.key, f"{setting.meaning} Default: {setting.default or 'none'}.")
        for setting in DECLARED
        if setting.offered
    )
    values = {
        "VERSION": version,
        "DATE": day,
        "COMMANDS": commands(parser),
        "OPTIONS": options(parser),
        "SETTINGS": settings,
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

"""Arguments that cannot be taken are one line, like every other error: expected, received, what to do."""

import argparse
import re
from typing import NoReturn

KINDS = {"int": "a whole number", "float": "a number"}
SAID = (
    (r"argument (?P<name>.+?): expected (?P<what>.+), received (?P<received>.*)", "{what} for {name}", "{received}"),
    (r"argument (?P<name>.+?): invalid (?P<kind>\w+) value: (?P<received>.*)", "{kind} for {name}", "{received}"),
    (r"argument (?P<name>.+?): invalid choice: (?P<received>.+) \(choose from (?P<known>.+)\)",
     "one of {known} for {name}", "{received}"),
    (r"argument (?P<name>.+?): expected (?P<count>.+ arguments?)", "{count} for {name}", "none, or too many"),
    (r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)", "{other} or {name}", "both"),
    (r"the following arguments are required: (?P<names>.+)", "{names}", "nothing"),
    (r"ambiguous option: (?P<received>\S+) could match (?P<known>.+)", "one of {known}", "{received}"),
    (r"unrecognized arguments: (?P<received>.+)", "nothing more", "{received}"),
)  # fmt: skip
"""What argparse says, and what of it was expected and received."""


class Parser(argparse.ArgumentParser):
    """A parser, and by itself also those of its commands, that ends with one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"seamlens: {sentence(message)} See “{self.prog} --help”.\n")


def sentence(message: str) -> str:
    """Return what argparse says as what was expected and received, on one line."""
    message = " ".join(message.split())
    for pattern, expected, received in SAID:
        if found := re.fullmatch(pattern, message):
            words = found.groupdict()
            words["kind"] = KINDS.get(words.get("kind", ""), "a value that fits")
            return f"Expected {expected}, but received {received}.".format(**words)
    return message[:1].upper() + message[1:] + "."

"""What Windows or macOS lack stands only where the system was asked; what is read and written does not depend on it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    ROOT / "Home.py",
    *(file for top in ("core", "pages", "ui") for file in sorted((ROOT / top).rglob("*.py"))),
]

MODULES = {
    "fcntl",
    "grp",
    "posix",
    "pty",
    "pwd",
    "resource",
    "syslog",
    "termios",
    "tty",
    "msvcrt",
    "winreg",
    "_winapi",
}
"""Modules of one kind of system."""

NAMES = {
    "os": {
        "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "PRIO_PROCESS", "WNOHANG", "chown", "chroot", "fchmod", "fdatasync",
        "fork", "forkpty", "getegid", "geteuid", "getgid", "getloadavg", "getpgid", "getpgrp", "getpriority", "getuid",
        "killpg", "mkfifo", "nice", "posix_fadvise", "posix_spawn", "pread", "pwrite", "sched_getaffinity",
        "sched_setaffinity", "sched_yield", "sendfile", "setpgid", "setpriority", "setsid", "statvfs", "sync", "sysconf",
        "uname", "wait", "wait3", "wait4", "startfile",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2",
        "alarm", "pause", "setitimer", "sigwait", "CTRL_C_EVENT", "CTRL_BREAK_EVENT",
    },
    "subprocess": {"BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW", "DETACHED_PROCESS"},
    "time": {"clock_settime", "pthread_getcpuclockid", "tzset"},
    "select": {"epoll", "kqueue", "poll"},
}  # fmt: skip
"""What is not there on every system, by module (Python’s documentation: “Availability”)."""

KEYWORDS = {"start_new_session", "preexec_fn", "pass_fds", "process_group", "dir_fd"}
"""Arguments that Windows refuses; as keys of a dictionary, too."""

PATHS = ("/dev/", "/proc/", "/tmp", "/etc/", "/var/", "/sys/")
"""How paths begin that only some systems have."""

KNOWN = {
    "core/export/engine.py": ["sched_getaffinity"],
    "core/cluster/remote.py": ["getuid"],
    "core/live/server_camera.py": ["/dev/video"],
    "core/jobs/processes.py": [
        "/proc/",
        "BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP", "DETACHED_PROCESS", "PRIO_PROCESS", "SIGKILL", "SIGKILL",
        "getpgid", "killpg", "setpriority", "start_new_session",
    ],
    "core/inputs/prefetch.py": ["nice"],
    "core/runs/failures.py": ["/proc/vmstat"],
    "core/runs/locks.py": ["fcntl"],
}  # fmt: skip
"""All that one system lacks, each in a branch. Who adds to it tries it on that system, and says so in CONTRIBUTING.md."""


def lacking(node: ast.AST) -> str:
    """Return what of ``node`` itself some system lacks; empty where nothing is."""
    match node:
        case ast.Import(names=names) if used := {alias.name for alias in names} & MODULES:
            return used.pop()
        case ast.ImportFrom(module=module, names=names):
            used = {alias.name for alias in names} & NAMES.get(module or "", set())
            return module if module in MODULES else next(iter(used), "")
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in NAMES.get(module, ()):
            return name
        case ast.keyword(arg=name) if name in KEYWORDS:
            return name
        case ast.Constant(value=str(text)) if text in KEYWORDS or (
            text.startswith(PATHS) and " " not in text
        ):
            return text
    return ""


def asks(node: ast.AST) -> bool:
    """Return whether a condition looks at the system."""
    return any(part in ast.unparse(node) for part in ("sys.platform", "os.name"))


def walk(node: ast.AST, branch: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield what some system lacks, and whether it stands in a branch for the systems that have it."""
    if name := lacking(node):
        yield name, branch
    if isinstance(node, ast.If | ast.IfExp | ast.BoolOp) and asks(
        node.values[0] if isinstance(node, ast.BoolOp) else node.test
    ):
        branch = True
    for _, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        after = branch
        for child in children:
            if isinstance(child, ast.AST):
                yield from walk(child, after)
                # What follows `if sys.platform == "win32": return …` is a branch, too.
                after |= (
                    isinstance(child, ast.If)
                    and asks(child.test)
                    and isinstance(child.body[-1], ast.Return | ast.Raise)
                )


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def test_what_a_system_lacks_stands_in_a_branch_and_on_this_list():
    used = {file.relative_to(ROOT).as_posix(): sorted(walk(parsed(file))) for file in SOURCES}
    assert {name: [thing for thing, _ in things] for name, things in used.items() if things} == KNOWN
    assert {
        name: bare for name, things in used.items() if (bare := [t for t, branch in things if not branch])
    } == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import fcntl", [("fcntl", False)]),
        ("if sys.platform != 'win32':\n import fcntl", [("fcntl", True)]),
        ("os.killpg(1, signal.SIGKILL)", [("killpg", False), ("SIGKILL", False)]),
        ("def f():\n if sys.platform == 'win32':\n  return\n os.nice(1)", [("nice", True)]),
        ("def f():\n if sys.platform == 'win32':\n  pass\n os.nice(1)", [("nice", False)]),
        ("getattr(os, 'fdatasync', os.fsync)", []),
        ("Popen(start_new_session=True)", [("start_new_session", False)]),
        ("open('/proc/stat')", [("/proc/stat", False)]),
        ("is_gone = sys.platform == 'linux' and exists('/dev/video0')", [("/dev/video0", True)]),
    ],
)
def test_the_check_sees_it(code, found):
    assert list(walk(ast.parse(code))) == found


def opens_text(call: ast.Call) -> bool:
    """Return whether a call reads or writes a file in whatever encoding the system prefers."""
    owner, _, name = ast.unparse(call.func).rpartition(".")
    if "encoding" in {keyword.arg for keyword in call.keywords} or owner in {"os", "av", "Image", "archive"}:
        return False
    if name in ("read_text", "write_text"):
        return bool(owner) and len(call.args) < 1 + (name == "write_text")
    mode = [
        value.value
        for value in (*call.args, *(k.value for k in call.keywords))
        if isinstance(value, ast.Constant)
    ]
    return name == "open" and not any("b" in str(word) for word in mode)


def test_text_has_an_encoding_of_its_own():
    calls = {
        file: [node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)] for file in SOURCES
    }
    bare = {
        file.name: [ast.unparse(call) for call in made if opens_text(call)] for file, made in calls.items()
    }
    assert {name: made for name, made in bare.items() if made} == {}


def test_no_two_files_differ_in_capitals_only_and_no_name_is_refused_by_windows():
    names = [
        file.relative_to(ROOT).as_posix()
        for top in ("core", "pages", "ui", "docs")
        for file in (ROOT / top).rglob("*")
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert [name for name in names if set(name) & set('<>:"|?*\\')] == []

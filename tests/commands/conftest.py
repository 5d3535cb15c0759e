import pytest

from core.__main__ import main


@pytest.fixture
def seamlens(tmp_path, capsys):
    """Run a command on the workspace ``tmp_path/class``; return its exit code, output and error output."""

    def run(*arguments: object, workspace=tmp_path / "class"):
        code = main(["--workspace", str(workspace), *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run

"""The package and the shared modules, unpacked as Lambda unpacks them, in a process of their own."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from components.compute.package import build_package

SOURCE = Path(__file__).parents[3] / "functions" / "safework"
CALL = """
import json, sys, handler
print(json.dumps(handler.handler(json.load(sys.stdin), None)))
"""


def test_the_package_answers(tmp_path: Path) -> None:
    package = build_package(
        {"handler.py": SOURCE / "handler.py", "app": SOURCE / "placeholder" / "app"}, tmp_path, name="health"
    )
    shared = build_package({"wsgi_adapter.py": SOURCE / "wsgi_adapter.py"}, tmp_path, name="shared")
    for archive, target in ((package, "task"), (shared, "layer")):
        zipfile.ZipFile(archive).extractall(tmp_path / target)
    request = {"httpMethod": "GET", "path": "/health", "multiValueHeaders": {"Host": ["localhost"]}}
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path / "task",
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path / "task"), str(tmp_path / "layer")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ROUTES": json.dumps(["/health", "/"]),
        },
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "healthy"

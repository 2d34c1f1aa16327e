"""What examples take for granted: a region, an account, a key, a network, a package."""

import functools
import tempfile
import zipfile
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "ap-northeast-2"
ZONES = ("ap-northeast-2a", "ap-northeast-2c")
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555"
VPC_ID = "vpc-0123456789abcdef0"
SUBNET_IDS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
CERTIFICATE_ARN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/11111111-2222-4333-8444-555555555555"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app-AbCdEf"
DIGEST = "sha256:" + "0" * 64
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
CLOUDFLARE_ZONE = "0" * 32
CLOUDFLARE_ACCOUNT = "1" * 32


@functools.cache
def package() -> Path:
    """A zip with one file, the same bytes each time."""
    path = Path(tempfile.mkdtemp()) / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py", (1980, 1, 1, 0, 0, 0)), "def handler(*_): ...\n")
    return path

"""CodeBuild projects."""

from policies.checks import off
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import CODEBUILD
from policies.values import Props


@rule(
    id="codebuild-not-privileged",
    title="Builds have no privileges of the host",
    fsbp=("CodeBuild.5",),
    severity="high",
    enforcement="M",
    types=(CODEBUILD,),
    why="A build runs code of everyone who may open a pull request.",
    fix="Leave privilegedMode false; build images with a rootless builder.",
)
def codebuild_not_privileged(r: Resource) -> Found:
    return off(r, "environment.privilegedMode")


@rule(
    id="codebuild-not-public",
    title="Builds and their logs are not public",
    severity="high",
    enforcement="M",
    types=(CODEBUILD,),
    why="Logs and artifacts of a public project can be read by everyone.",
    fix="Leave projectVisibility at PRIVATE.",
)
def codebuild_not_public(r: Resource) -> Found:
    public = r.text("projectVisibility", "PRIVATE").upper() == "PUBLIC_READ"
    return "projectVisibility is PUBLIC_READ" if public else None


@rule(
    id="codebuild-logged",
    title="Builds write logs, encrypted",
    fsbp=("CodeBuild.3", "CodeBuild.4"),
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(CODEBUILD,),
    why="What a build did to the artifacts is written nowhere else.",
    fix="Leave logsConfig on, and s3Logs.encryptionDisabled false.",
)
def codebuild_logged(r: Resource) -> Found:
    cloudwatch = r.text("logsConfig.cloudwatchLogs.status", "ENABLED")
    s3 = r.text("logsConfig.s3Logs.status", "DISABLED")
    if "ENABLED" not in {cloudwatch, s3}:
        yield "logsConfig has no log enabled"
    yield off(r, "logsConfig.s3Logs.encryptionDisabled")


@rule(
    id="codebuild-source-clean",
    title="A build's source address holds no login",
    fsbp=("CodeBuild.1",),
    severity="critical",
    enforcement="M",
    types=(CODEBUILD,),
    why="The address is shown to everyone who may see the project.",
    fix="Use a connection or a SourceCredential, and an address without user and password.",
)
def codebuild_source_clean(r: Resource) -> Found:
    yield _login(r, "source.location")
    for source in r.blocks("secondarySources"):
        yield _login(source, "location")


def _login(props: Props, path: str) -> str | None:
    host = props.text(path).removeprefix("https://").split("/", 1)[0]
    return f"{props.where(path)} holds a login" if "@" in host and "://" in props.text(path) else None

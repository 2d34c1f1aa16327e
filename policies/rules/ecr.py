"""Image repositories."""

from policies.checks import one_of
from policies.documents import statements
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import ECR_LIFECYCLE, ECR_POLICY, ECR_REPOSITORY, ECR_SCANNING


@stack_rule(
    id="ecr-scanned",
    title="Images are scanned as they arrive",
    fsbp=("ECR.1",),
    severity="high",
    enforcement="M",
    types=(ECR_REPOSITORY,),
    why="Most of an image is other people's code, with other people's vulnerabilities.",
    fix="Set imageScanningConfiguration.scanOnPush, or scan the whole registry.",
)
def ecr_scanned(r: Resource, graph: Graph) -> Found:
    if r.flag("imageScanningConfiguration.scanOnPush") or any(graph.of(ECR_SCANNING)):
        return None
    return "imageScanningConfiguration.scanOnPush is not true"


@rule(
    id="ecr-immutable",
    title="A tag stays with its image",
    fsbp=("ECR.2",),
    severity="medium",
    enforcement="M",
    types=(ECR_REPOSITORY,),
    why="What was tested under a tag must be what the tag brings up later.",
    fix="Set imageTagMutability IMMUTABLE.",
)
def ecr_immutable(r: Resource) -> Found:
    return one_of(r, "imageTagMutability", {"IMMUTABLE"}, default="MUTABLE")


@stack_rule(
    id="ecr-lifecycle",
    title="Old images are removed",
    pack="cost",
    fsbp=("ECR.3",),
    severity="medium",
    enforcement="A",
    types=(ECR_REPOSITORY,),
    why="Every build otherwise is paid for, and can be deployed, for ever.",
    fix="Add a LifecyclePolicy.",
)
def ecr_lifecycle(r: Resource, graph: Graph) -> Found:
    return None if graph.referring(r, "repository", ECR_LIFECYCLE) else "no LifecyclePolicy"


@rule(
    id="ecr-own-key",
    title="Images are encrypted with a key of ours",
    fsbp=("ECR.5",),
    severity="low",
    enforcement="A",
    types=(ECR_REPOSITORY,),
    why="The service's key cannot be refused to anyone.",
    fix="Set encryptionConfigurations with encryptionType KMS and kmsKey.",
)
def ecr_own_key(r: Resource) -> Found:
    return None if r.has("encryptionConfigurations.kmsKey") else "encryptionConfigurations has no kmsKey"


@rule(
    id="ecr-not-public",
    title="Not everyone may pull from a repository",
    severity="critical",
    enforcement="M",
    types=(ECR_POLICY,),
    why="An image is the program, with all it knows.",
    fix="Name accounts or roles; leave '*' out of Principal.",
)
def ecr_not_public(r: Resource) -> Found:
    for statement in statements(r, "policy"):
        if (
            statement.allows
            and statement.public
            and not statement.bound_by({"aws:principalorgid", "aws:principalaccount"})
        ):
            yield f"{statement.at} allows everyone"

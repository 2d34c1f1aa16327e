"""Releases of functions whose traffic shifts by itself, and comes back at an alarm."""

from collections.abc import Mapping

from components.compute.lambda_function import LambdaFunction
from components.delivery.codedeploy import (
    LambdaDeployApplication,
    LambdaDeployApplicationArgs,
    LambdaDeploymentGroup,
    LambdaDeploymentGroupArgs,
)
from components.delivery.codedeploy_rollout import AllAtOnce
from components.observability.alarms import Alarms
from systems.scope import Scope


def build_rollouts(
    scope: Scope, functions: Mapping[str, LambdaFunction], alarms: Alarms
) -> dict[str, LambdaDeploymentGroup]:
    """A deployment group for each function whose traffic shifts.

    The alarms whose key begins with the function's key and a hyphen take its traffic back.
    """
    shifting = {
        name: function for name, function in functions.items() if not isinstance(function.rollout, AllAtOnce)
    }
    if not shifting:
        return {}
    application = LambdaDeployApplication(
        f"{scope.name}-releases",
        LambdaDeployApplicationArgs(account_id=scope.stack.account_id, region=scope.stack.region),
        scope.opts,
    )
    return {
        name: LambdaDeploymentGroup(
            f"{scope.name}-{name}-release",
            LambdaDeploymentGroupArgs(
                application=application,
                function=function,
                alarm_names=[
                    alarm_name for key, alarm_name in alarms.names.items() if key.startswith(f"{name}-")
                ],
            ),
            scope.opts,
        )
        for name, function in shifting.items()
    }

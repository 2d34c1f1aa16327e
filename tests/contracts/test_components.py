"""The contract of a component, over all of them."""

import functools

import pulumi
import pytest

from tests.contracts import rules
from tests.contracts.discovery import Component, components, example
from tests.harness import Deployment, Record, deploy

COMPONENTS = components()
over_all = pytest.mark.parametrize("component", COMPONENTS, ids=str)

_FROM_CALLER = "fromTheCaller"


@functools.cache
def deployed(component: Component, *, preview: bool = False) -> Deployment:
    build = example(component)
    return deploy(lambda: build("example", None), preview=preview)


def itself(component: Component, deployment: Deployment) -> Record:
    return deployment.one(component.token, "example")


def test_components_are_found() -> None:
    assert COMPONENTS


@over_all
def test_type_token_says_where_it_lives(component: Component) -> None:
    assert itself(component, deployed(component)).name == "example"


@over_all
def test_outputs_are_registered(component: Component) -> None:
    assert rules.silent_components(deployed(component)) == []


@over_all
def test_children_are_parented(component: Component) -> None:
    deployment = deployed(component)
    assert rules.orphans(deployment) == []
    assert deployment.children(itself(component, deployment)), "it builds nothing"


@over_all
def test_names_carry_the_parents_name_and_a_role(component: Component) -> None:
    assert rules.misnamed(deployed(component)) == []


@over_all
def test_two_runs_agree(component: Component) -> None:
    build = example(component)
    assert deploy(lambda: build("example", None)).resources == deployed(component).resources


@over_all
def test_it_previews_before_anything_exists(component: Component) -> None:
    names = {(record.type, record.name) for record in deployed(component)}
    assert {(record.type, record.name) for record in deployed(component, preview=True)} == names


@over_all
def test_the_callers_options_stay_with_the_component(component: Component) -> None:
    build = example(component)
    options = pulumi.ResourceOptions(ignore_changes=[_FROM_CALLER])
    deployment = deploy(lambda: build("example", options))
    assert itself(component, deployment).options.ignore_changes == (_FROM_CALLER,), "it drops its options"
    leaked = [
        record.name
        for record in deployment
        if record.custom and _FROM_CALLER in record.options.ignore_changes
    ]
    assert leaked == [], "the caller's options were merged into children"


@over_all
def test_everything_that_can_is_encrypted(component: Component) -> None:
    assert rules.unencrypted(deployed(component)) == []


@over_all
def test_no_secret_is_plain_text(component: Component) -> None:
    deployment = deployed(component)
    assert rules.plaintext_secrets(deployment) == []


@over_all
def test_data_is_locked_unless_the_caller_unlocks_it(component: Component) -> None:
    loose = [
        record.name
        for record in deployed(component)
        if rules.keeps_data(record)
        and not (record.options.protect and record.options.retain_on_delete)
        and not record.name.startswith("given-")
    ]
    assert loose == [], "use protection.stateful(self, protected=args.deletion_protection)"

"""Who may log in to a cache: one user by IAM token, and nobody else."""

import re
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import elasticache

CacheEngine: TypeAlias = Literal["valkey", "redis"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 40
"""CreateServerlessCache, CreateReplicationGroup, CreateUser."""

_CLOSED = "off ~* -@all"


def check_name(what: str, value: str, *, max_length: int = _MAX_NAME) -> None:
    """Raise ValueError for a name that ElastiCache rejects."""
    if not _NAME.fullmatch(value) or len(value) > max_length:
        raise ValueError(
            f"{what}: got {value!r}; lower case letters, digits and single hyphens, a letter first, "
            f"at most {max_length} characters"
        )


def check_user_id(value: str) -> None:
    """Raise ValueError for an id ElastiCache rejects, or the user that every client is unless it says."""
    check_name("user_id", value)
    if value == "default":
        raise ValueError("user_id: got 'default', which any client takes unasked: name the application's own")


def access_string(key_pattern: str, channel_pattern: str | None = None) -> str:
    """The user's rights: on, the keys and channels of the patterns, and all commands but the dangerous."""
    for what, pattern in (("key_pattern", key_pattern), ("channel_pattern", channel_pattern)):
        if pattern is not None and (not pattern or re.search(r"\s", pattern)):
            raise ValueError(f"{what}: got {pattern!r}; one pattern without spaces, such as session:*")
    channels = f" &{channel_pattern}" if channel_pattern is not None else ""
    return f"on ~{key_pattern}{channels} +@all -@admin -@dangerous"


def iam_user(
    parent: pulumi.Resource,
    name: str,
    *,
    engine: CacheEngine,
    user_id: str,
    key_pattern: str,
    channel_pattern: str | None = None,
) -> elasticache.User:
    """The application's user, as a child of ``parent``."""
    return elasticache.User(
        f"{name}-user",
        user_id=user_id,
        # IAM logins need the name to be the id.
        user_name=user_id,
        engine=engine,
        access_string=access_string(key_pattern, channel_pattern),
        authentication_mode=elasticache.UserAuthenticationModeArgs(type="iam"),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def user_group(
    parent: pulumi.Resource, name: str, *, engine: CacheEngine, group_id: str, user: elasticache.User
) -> elasticache.UserGroup:
    """The group of that user alone.

    A Redis group must hold a user named ``default``, and AWS's own is open: ours is switched off. A Valkey
    group needs none, and refuses users without authentication.
    """
    members = [user]
    if engine == "redis":
        members.append(
            elasticache.User(
                f"{name}-closed-default",
                user_id=f"{group_id}-default",
                user_name="default",
                engine=engine,
                access_string=_CLOSED,
                authentication_mode=elasticache.UserAuthenticationModeArgs(type="no-password-required"),
                opts=pulumi.ResourceOptions(parent=parent),
            )
        )
    return elasticache.UserGroup(
        f"{name}-users",
        user_group_id=group_id,
        engine=engine,
        user_ids=[each.user_id for each in members],
        opts=pulumi.ResourceOptions(parent=parent),
    )

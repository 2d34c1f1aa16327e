"""VPC, subnets, security groups, network ACLs, endpoints."""

from policies.checks import off, on, one_of, present
from policies.model import Graph, Resource
from policies.peers import NACL_FORMS, SG_FORMS, acl_openings, openings
from policies.rule import Found, rule, stack_rule
from policies.tokens import FLOW_LOG, SG_DEFAULT, SUBNET, VPC, VPC_ENDPOINT

_ADMIN_PORTS = {22: "SSH", 3389: "RDP"}
_WEB_PORTS = frozenset({80, 443})


@rule(
    id="vpc-default-group-empty",
    title="The default security group lets nothing in or out",
    fsbp=("EC2.2",),
    cis=("5.4",),
    severity="high",
    enforcement="M",
    types=(SG_DEFAULT,),
    why="Whatever is made without naming a group falls into the default one.",
    fix="Manage it with DefaultSecurityGroup and give it no ingress and no egress.",
)
def vpc_default_group_empty(r: Resource) -> Found:
    return [f"{side} has rules" for side in ("ingress", "egress") if r.has(side)]


@stack_rule(
    id="vpc-default-group-managed",
    title="Each VPC's default security group is managed here",
    fsbp=("EC2.2",),
    cis=("5.4",),
    severity="medium",
    enforcement="M",
    types=(VPC,),
    why="An unmanaged default group keeps AWS's rules, which let its members talk to each other and out.",
    fix="Add a DefaultSecurityGroup for the VPC.",
)
def vpc_default_group_managed(r: Resource, graph: Graph) -> Found:
    return (
        None
        if graph.referring(r, "vpcId", SG_DEFAULT)
        else "no DefaultSecurityGroup takes over its default group"
    )


@rule(
    id="vpc-dns-enabled",
    title="A VPC resolves and hands out DNS names",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(VPC,),
    why="Private DNS of interface endpoints and database endpoints do not resolve without it.",
    fix="Set enableDnsSupport and enableDnsHostnames.",
)
def vpc_dns_enabled(r: Resource) -> Found:
    return [on(r, "enableDnsSupport", default=True), on(r, "enableDnsHostnames")]


@stack_rule(
    id="vpc-flow-logs",
    title="Each VPC has flow logs of all traffic",
    fsbp=("EC2.6",),
    cis=("3.7",),
    severity="medium",
    enforcement="M",
    types=(VPC,),
    why="Without them nobody can say who talked to whom after an incident.",
    fix="Add a FlowLog for the VPC with trafficType ALL.",
)
def vpc_flow_logs(r: Resource, graph: Graph) -> Found:
    logs = graph.referring(r, "vpcId", FLOW_LOG)
    return (
        None
        if any(log.text("trafficType").upper() == "ALL" for log in logs)
        else "no FlowLog with trafficType ALL"
    )


@rule(
    id="subnet-no-public-address",
    title="Subnets do not give instances public addresses",
    fsbp=("EC2.15",),
    severity="medium",
    enforcement="M",
    types=(SUBNET,),
    why="A machine becomes reachable from the internet without anyone having asked for it.",
    fix="Leave mapPublicIpOnLaunch false.",
)
def subnet_no_public_address(r: Resource) -> Found:
    return off(r, "mapPublicIpOnLaunch")


@rule(
    id="sg-no-open-admin-ports",
    title="No security group opens SSH or RDP to the internet",
    fsbp=("EC2.13", "EC2.14"),
    cis=("5.2", "5.3"),
    severity="critical",
    enforcement="M",
    types=SG_FORMS,
    why="Open administration ports are scanned and tried within minutes.",
    fix="Use SSM Session Manager, or name the source ranges or groups.",
)
def sg_no_open_admin_ports(r: Resource) -> Found:
    for opening in openings(r):
        for port, name in _ADMIN_PORTS.items():
            if opening.world and opening.covers(port):
                yield f"{opening}, which includes {name}"


@rule(
    id="sg-open-ports-authorised",
    title="Only web ports are open to the internet",
    fsbp=("EC2.18", "EC2.19"),
    severity="high",
    enforcement="M",
    types=SG_FORMS,
    why="Anything but 80 and 443 that everyone can reach is an accident more often than a design.",
    fix="Narrow the source to ranges or groups; open only 80 and 443 to everyone.",
)
def sg_open_ports_authorised(r: Resource) -> Found:
    for opening in openings(r):
        admin = any(opening.covers(port) for port in _ADMIN_PORTS)
        if opening.world and not admin and {opening.low, opening.high} - _WEB_PORTS:
            yield str(opening)


@rule(
    id="nacl-no-open-admin-ports",
    title="No network ACL lets SSH or RDP in from the internet",
    fsbp=("EC2.21",),
    cis=("5.1",),
    severity="medium",
    enforcement="M",
    types=NACL_FORMS,
    why="The ACL is the second lock behind a security group that someone opened by mistake.",
    fix="Deny 22 and 3389 before the broad rule, or allow ranges that leave them out.",
)
def nacl_no_open_admin_ports(r: Resource) -> Found:
    for opening in acl_openings(r):
        for port, name in _ADMIN_PORTS.items():
            if opening.world and opening.covers(port):
                yield f"{opening}, which includes {name}"


@rule(
    id="flow-log-all-traffic",
    title="Flow logs record accepted and rejected traffic",
    severity="low",
    enforcement="M",
    types=(FLOW_LOG,),
    why="Rejected packets show scans, accepted ones show what went through; one without the other misleads.",
    fix="Set trafficType ALL.",
)
def flow_log_all_traffic(r: Resource) -> Found:
    return one_of(r, "trafficType", {"ALL"})


@rule(
    id="vpc-endpoint-private",
    title="Interface endpoints have private DNS and a security group of their own",
    severity="medium",
    enforcement="M",
    types=(VPC_ENDPOINT,),
    why="Without private DNS the SDK goes to the public address; without a group the default one applies.",
    fix="Set privateDnsEnabled and securityGroupIds.",
)
def vpc_endpoint_private(r: Resource) -> Found:
    if r.text("vpcEndpointType", "Gateway") != "Interface":
        return None
    return [on(r, "privateDnsEnabled"), present(r, "securityGroupIds")]

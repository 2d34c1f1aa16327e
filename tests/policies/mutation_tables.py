"""All mutations, by rule."""

from tests.policies import mutation_table as base
from tests.policies import mutation_table_containers as containers
from tests.policies import mutation_table_data as data
from tests.policies import mutation_table_edge as edge
from tests.policies import mutation_table_failover as failover
from tests.policies import mutation_table_kubernetes as kubernetes
from tests.policies import mutation_table_migration as migration
from tests.policies import mutation_table_platforms as platforms
from tests.policies import mutation_table_services as services
from tests.policies import mutation_table_streams as streams
from tests.policies import mutation_table_trust as trust
from tests.policies.mutations import Mutation

MUTATIONS: dict[str, list[Mutation]] = {
    **base.NETWORK,
    **base.SECURITY,
    **base.STORAGE,
    **data.DATABASES,
    **data.DATA,
    **edge.EDGE,
    **edge.API,
    **edge.FUNCTIONS,
    **edge.MESSAGES,
    **edge.OPERATIONS,
    **edge.CLOUDFLARE,
    **containers.ECS,
    **containers.ELB,
    **containers.JOBS,
    **platforms.PLATFORMS,
    **platforms.HOSTS,
    **platforms.ACCOUNT,
    **streams.STREAMS,
    **streams.CLIENTS,
    **failover.FAILOVER,
    **kubernetes.EKS,
    **kubernetes.OBJECTS,
    **services.LOGS,
    **services.BUILDS,
    **services.FILES,
    **services.HTTP_APIS,
    **services.BALANCERS,
    **trust.TRUST,
    **trust.SHARES,
    **trust.RECOVERY,
    **migration.MIGRATION,
}

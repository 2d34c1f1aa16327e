"""Which resources emit which CloudWatch metrics: what an alarm may watch."""

from dataclasses import dataclass
from typing import Final

from policies import tokens as t
from policies.model import Graph


@dataclass(frozen=True)
class Emitter:
    """Resource types that write to a namespace; no metric names means that any name will do."""

    types: tuple[str, ...]
    metrics: frozenset[str] = frozenset()
    only: tuple[str, str] | None = None
    """A property and its value: other resources of the types do not write there."""

    def among(self, graph: Graph) -> bool:
        """Whether a resource of the stack writes to the namespace."""
        return any(self.only is None or r.raw(self.only[0]) == self.only[1] for r in graph.of(*self.types))


def _emitter(types: tuple[str, ...], names: str) -> Emitter:
    return Emitter(types, frozenset(names.split()))


EMITTERS: Final[dict[str, Emitter]] = {
    "AWS/Lambda": _emitter(
        (t.FUNCTION,),
        "Invocations Errors Duration Throttles ConcurrentExecutions UnreservedConcurrentExecutions "
        "ProvisionedConcurrencyUtilization ProvisionedConcurrencySpilloverInvocations "
        "ProvisionedConcurrencyInvocations ProvisionedConcurrentExecutions "
        "ClaimedAccountConcurrency DeadLetterErrors DestinationDeliveryFailures IteratorAge "
        "AsyncEventsReceived AsyncEventAge AsyncEventsDropped PostRuntimeExtensionsDuration "
        "OffsetLag",
    ),
    "AWS/ApiGateway": _emitter(
        (t.API_STAGE, "aws:apigatewayv2/stage:Stage"),
        "4XXError 5XXError Count Latency IntegrationLatency CacheHitCount CacheMissCount 4xx 5xx",
    ),
    "AWS/RDS": _emitter(
        (t.DB, t.DB_CLUSTER, t.DB_CLUSTER_INSTANCE, t.DB_PROXY),
        "CPUUtilization DatabaseConnections FreeableMemory FreeStorageSpace FreeLocalStorage "
        "ServerlessDatabaseCapacity ACUUtilization ReadLatency WriteLatency CommitLatency ReadIOPS "
        "WriteIOPS ReplicaLag AuroraReplicaLag AuroraReplicaLagMaximum Deadlocks LoginFailures "
        "ConnectionAttempts DiskQueueDepth SwapUsage BurstBalance CPUCreditBalance "
        "MaximumUsedTransactionIDs DBLoad DBLoadCPU DBLoadNonCPU VolumeBytesUsed "
        "BufferCacheHitRatio AvailabilityPercentage ClientConnections ClientConnectionsReceived "
        "ClientConnectionsSetupFailedAuth ClientConnectionsSetupSucceeded "
        "DatabaseConnectionsBorrowLatency DatabaseConnectionsCurrentlyBorrowed "
        "DatabaseConnectionsCurrentlySessionPinned DatabaseConnectionsSetupFailed "
        "DatabaseConnectionsSetupSucceeded DatabaseConnectionRequests MaxDatabaseConnectionsAllowed "
        "QueryDatabaseResponseLatency QueryRequests QueryResponseLatency "
        "DatabaseConnectionRequestsWithTLS DatabaseConnectionsWithTLS ClientConnectionsNoTLS "
        "ClientConnectionsTLS ClientConnectionsClosed DatabaseConnectionsBorrowTimeouts",
    ),
    "AWS/ElastiCache": _emitter(
        (t.CACHE_SERVERLESS, t.CACHE_GROUP, "aws:elasticache/cluster:Cluster"),
        "BytesUsedForCache ElastiCacheProcessingUnits ThrottledCmds CacheHitRate CacheHits "
        "CacheMisses CurrConnections CurrItems Evictions NewConnections "
        "SuccessfulReadRequestLatency SuccessfulWriteRequestLatency TotalCmdsCount CPUUtilization "
        "EngineCPUUtilization FreeableMemory DatabaseMemoryUsagePercentage ReplicationLag SwapUsage "
        "AuthenticationFailures IamAuthenticationExpirations CommandAuthorizationFailures "
        "KeyAuthorizationFailures",
    ),
    "AWS/SQS": _emitter(
        (t.QUEUE,),
        "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesVisible "
        "ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed "
        "NumberOfMessagesSent NumberOfMessagesReceived NumberOfMessagesDeleted "
        "NumberOfEmptyReceives SentMessageSize",
    ),
    "AWS/SNS": _emitter(
        (t.TOPIC,),
        "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed "
        "NumberOfNotificationsFilteredOut NumberOfNotificationsRedrivenToDlq PublishSize",
    ),
    "AWS/DynamoDB": _emitter(
        (t.DYNAMODB,),
        "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ThrottledRequests SystemErrors "
        "UserErrors SuccessfulRequestLatency ReadThrottleEvents WriteThrottleEvents "
        "ReplicationLatency",
    ),
    "AWS/WAFV2": _emitter((t.WAF,), "AllowedRequests BlockedRequests CountedRequests PassedRequests"),
    "AWS/CloudFront": _emitter(
        (t.CLOUDFRONT,),
        "Requests BytesDownloaded BytesUploaded 4xxErrorRate 5xxErrorRate TotalErrorRate "
        "CacheHitRate OriginLatency",
    ),
    "AWS/NATGateway": _emitter(
        (t.NAT,),
        "ErrorPortAllocation PacketsDropCount ActiveConnectionCount BytesInFromDestination "
        "BytesOutToDestination BytesInFromSource BytesOutToSource ConnectionAttemptCount "
        "ConnectionEstablishedCount IdleTimeoutCount",
    ),
    "AWS/CertificateManager": _emitter((t.CERTIFICATE,), "DaysToExpiry"),
    "AWS/Logs": _emitter(
        (t.LOG_GROUP,), "IncomingBytes IncomingLogEvents ForwardedBytes DeliveryErrors EMFParsingErrors"
    ),
    "AWS/Events": _emitter(
        ("aws:cloudwatch/eventRule:EventRule",),
        "Invocations FailedInvocations TriggeredRules MatchedEvents ThrottledRules DeadLetterInvocations "
        "InvocationsSentToDlq InvocationsFailedToBeSentToDlq RetryInvocationAttempts "
        "SuccessfulInvocationAttempts InvocationAttempts IngestionToInvocationStartLatency "
        "IngestionToInvocationSuccessLatency InvocationsCreated PutEventsApproximateSuccessCount",
    ),
    "AWS/EventBridge/Pipes": _emitter(
        (t.PIPE,),
        "Concurrency Duration EventCount EventSize ExecutionFailed ExecutionPartiallyFailed "
        "ExecutionThrottled ExecutionTimeout Invocations StageDuration TargetStageDuration "
        "TargetStageFailed TargetStagePartiallyFailed TargetStageSkipped EnrichmentStageDuration "
        "EnrichmentStageFailed",
    ),
    "AWS/ApplicationELB": _emitter(
        (t.ALB,),
        "ActiveConnectionCount ClientTLSNegotiationErrorCount ConsumedLCUs DesyncMitigationMode_"
        "NonCompliant_Request_Count DroppedInvalidHeaderRequestCount HTTPCode_ELB_3XX_Count "
        "HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count "
        "HTTPCode_ELB_503_Count HTTPCode_ELB_504_Count HTTPCode_Target_2XX_Count "
        "HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count "
        "HealthyHostCount UnHealthyHostCount HealthyStateDNS HealthyStateRouting UnhealthyStateDNS "
        "UnhealthyStateRouting NewConnectionCount ProcessedBytes RejectedConnectionCount RequestCount "
        "RequestCountPerTarget AnomalousHostCount MitigatedHostCount TargetConnectionErrorCount "
        "TargetResponseTime TargetTLSNegotiationErrorCount RuleEvaluations PeakLCUs",
    ),
    "AWS/ECS": _emitter(
        (t.ECS_SERVICE, t.ECS_CLUSTER),
        "CPUUtilization MemoryUtilization CPUReservation MemoryReservation EBSFilesystemUtilization "
        "ActiveConnectionCount RequestCount TargetResponseTime HTTPCode_Target_5XX_Count",
    ),
    "ECS/ContainerInsights": _emitter(
        (t.ECS_SERVICE, t.ECS_CLUSTER),
        "CpuReserved CpuUtilized DeploymentCount DesiredTaskCount EphemeralStorageReserved "
        "EphemeralStorageUtilized MemoryReserved MemoryUtilized NetworkRxBytes NetworkTxBytes "
        "PendingTaskCount RunningTaskCount ServiceCount StorageReadBytes StorageWriteBytes TaskCount "
        "TaskSetCount RestartCount TaskCpuUtilization TaskMemoryUtilization "
        "TaskEphemeralStorageUtilization ContainerCpuUtilization ContainerMemoryUtilization "
        "UnHealthyContainerHealthStatus",
    ),
    "AWS/Scheduler": _emitter(
        (t.SCHEDULE,),
        "InvocationAttemptCount TargetErrorCount TargetErrorThrottledCount InvocationThrottleCount "
        "InvocationDroppedCount InvocationsSentToDeadLetterCount "
        "InvocationsFailedToBeSentToDeadLetterCount",
    ),
    "AWS/S3": _emitter(
        (t.BUCKET_REPLICATION,),
        "ReplicationLatency BytesPendingReplication OperationsPendingReplication OperationsFailedReplication",
    ),
    "ContainerInsights": Emitter(
        (t.EKS_ADDON,),
        frozenset(
            [
                "cluster_failed_node_count",
                "cluster_node_count",
                "container_cpu_utilization",
                "container_memory_utilization",
                "namespace_number_of_running_pods",
                "node_cpu_utilization",
                "node_filesystem_utilization",
                "node_memory_utilization",
                "pod_container_status_running",
                "pod_container_status_terminated",
                "pod_container_status_waiting",
                "pod_container_status_waiting_reason_crash_loop_back_off",
                "pod_cpu_utilization",
                "pod_cpu_utilization_over_pod_limit",
                "pod_memory_utilization",
                "pod_memory_utilization_over_pod_limit",
                "pod_number_of_container_restarts",
                "pod_status_failed",
                "pod_status_pending",
                "pod_status_ready",
                "pod_status_running",
                "pod_status_scheduled",
                "pod_status_succeeded",
                "pod_status_unknown",
                "replicas_desired",
                "replicas_ready",
                "service_number_of_running_pods",
                "status_replicas_available",
                "status_replicas_unavailable",
            ]
        ),
        only=("addonName", "amazon-cloudwatch-observability"),
    ),
    "AWS/EC2": Emitter((t.INSTANCE, t.AUTOSCALING_GROUP)),
    "AWS/AutoScaling": Emitter((t.AUTOSCALING_GROUP,)),
    "AWS/Kafka": Emitter((t.MSK, t.MSK_SERVERLESS)),
    "AWS/DMS": _emitter(
        (t.DMS_CONFIG, t.DMS_INSTANCE),
        "CapacityUtilization CDCIncomingChanges CDCLatencySource CDCLatencyTarget "
        "CDCThroughputBandwidthTarget CDCThroughputRowsSource CDCThroughputRowsTarget "
        "FullLoadThroughputBandwidthTarget FullLoadThroughputRowsTarget CPUUtilization FreeableMemory "
        "FreeStorageSpace SwapUsage",
    ),
    "AWS/Backup": Emitter((t.BACKUP_VAULT,)),
}

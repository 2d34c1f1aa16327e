"""Currency Travel's figures, asserted from the graph: the plan's numbers with its corrections."""

import json
from typing import Any

import pytest

from tests.harness import Deployment, Record, run_program, stack_config, system, with_system

SYSTEM = "currencyTravel"
FUNCTION = "aws:lambda/function:Function"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TABLE = "aws:dynamodb/table:Table"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SERVICES = ("currency", "ranking", "history")
CONSUMERS = ("rates", "archive", "calculator")


@pytest.fixture(name="prod")
def _prod() -> Deployment:
    return system("prod", SYSTEM)


@pytest.fixture(name="dev")
def _dev() -> Deployment:
    return system("dev", SYSTEM)


def build(stack: str, **changes: Any) -> Deployment:
    return run_program(with_system(stack, SYSTEM, **changes), stack=stack)


def ct(name: str) -> str:
    return f"currency-travel-{name}"


def statements(result: Deployment, *policies: str) -> list[dict[str, Any]]:
    return [
        each
        for name in policies
        for each in json.loads(result.one(ROLE_POLICY, ct(name))["policy"])["Statement"]
    ]


def granted(result: Deployment, *policies: str) -> dict[str, set[str]]:
    """Action to the resources it is granted on."""
    found: dict[str, set[str]] = {}
    for each in statements(result, *policies):
        if each["Effect"] == "Allow":
            for action in each["Action"]:
                found.setdefault(action, set()).update(each["Resource"])
    return found


def own(result: Deployment, token: str) -> list[Record]:
    """Without what the account has beside its systems."""
    return [each for each in result.of_type(token) if each.name.startswith("currency-travel-")]


def all_documents(result: Deployment) -> list[dict[str, Any]]:
    records = [each for each in result.of_type(ROLE_POLICY) if each.name.startswith("currency-travel-")]
    return [each for record in records for each in json.loads(record["policy"])["Statement"]]


class TestNetwork:
    def test_prod(self, prod: Deployment) -> None:
        vpc = prod.one("aws:ec2/vpc:Vpc", ct("network-vpc"))
        subnets = prod.of_type("aws:ec2/subnet:Subnet")
        tiers = [each["tags"]["tier"] for each in subnets]
        assert vpc["cidrBlock"] == "10.0.0.0/16"
        assert {tier: tiers.count(tier) for tier in tiers} == {"public": 3, "private": 3, "database": 3}
        assert len(prod.of_type("aws:ec2/internetGateway:InternetGateway")) == 1
        assert len(prod.of_type("aws:ec2/natGateway:NatGateway")) == 3

    def test_dev_has_one_nat(self, dev: Deployment) -> None:
        assert len(dev.of_type("aws:ec2/natGateway:NatGateway")) == 1

    def test_only_this_system_has_a_third_zone(self) -> None:
        assert len(stack_config("prod")["seoul-platform:stack"]["zones"]) == 2
        assert len(system("prod", "sesami").of_type("aws:ec2/subnet:Subnet")) == 6

    def test_tables_and_buckets_are_reached_by_gateways(self, dev: Deployment) -> None:
        endpoints = dev.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        gateways = {e["serviceName"].split(".")[-1] for e in endpoints if e["vpcEndpointType"] == "Gateway"}
        assert gateways == {"s3", "dynamodb"}


class TestDatabase:
    def test_prod(self, prod: Deployment) -> None:
        cluster = prod.one("aws:rds/cluster:Cluster", ct("database-cluster"))
        assert (cluster["engine"], cluster["engineVersion"]) == ("aurora-mysql", "8.0")
        assert cluster["serverlessv2ScalingConfiguration"] == {"minCapacity": 0.5, "maxCapacity": 16.0}
        assert cluster["backupRetentionPeriod"] == 7
        assert cluster["deletionProtection"] is True
        assert cluster["storageEncrypted"] is True
        assert cluster["enableHttpEndpoint"] is True
        assert cluster["manageMasterUserPassword"] is True
        instances = prod.of_type("aws:rds/clusterInstance:ClusterInstance")
        assert sorted(each.name for each in instances) == [ct("database-reader-1"), ct("database-writer")]

    def test_tuned_with_tls_forced(self, prod: Deployment) -> None:
        group = prod.one("aws:rds/clusterParameterGroup:ClusterParameterGroup", ct("database-aurora-mysql80"))
        parameters = {each["name"]: each["value"] for each in group["parameters"]}
        assert group["family"] == "aurora-mysql8.0"
        assert parameters["require_secure_transport"] == "ON"
        assert parameters["tls_version"] == "TLSv1.2,TLSv1.3"
        assert parameters["character_set_server"] == "utf8mb4"
        assert parameters["time_zone"] == "Asia/Seoul"
        assert parameters["innodb_print_all_deadlocks"] == "1"
        assert parameters["slow_query_log"] == "1"

    def test_the_acu_alarm(self, prod: Deployment) -> None:
        alarm = prod.one(ALARM, ct("alarms-database-capacity"))
        assert (alarm["metricName"], alarm["threshold"]) == ("ACUUtilization", 90)
        assert "16 ACU" in alarm["alarmDescription"]

    def test_dev_is_small(self, dev: Deployment) -> None:
        cluster = dev.one("aws:rds/cluster:Cluster", ct("database-cluster"))
        assert cluster["serverlessv2ScalingConfiguration"]["maxCapacity"] == 2.0
        assert len(dev.of_type("aws:rds/clusterInstance:ClusterInstance")) == 1


class TestCache:
    def test_three_nodes(self, prod: Deployment) -> None:
        group = prod.one("aws:elasticache/replicationGroup:ReplicationGroup", ct("cache-group"))
        assert (group["numCacheClusters"], group["nodeType"]) == (3, "cache.r6g.large")
        assert (group["engine"], group["engineVersion"]) == ("redis", "7.1")
        assert group["atRestEncryptionEnabled"] is True
        assert (group["transitEncryptionEnabled"], group["transitEncryptionMode"]) == (True, "required")
        assert (group["automaticFailoverEnabled"], group["multiAzEnabled"]) == (True, True)


class TestTables:
    @pytest.mark.parametrize(
        ("role", "table_name", "keys"),
        [
            ("selections", "travel_destination_selections", ("country_code", "selected_at")),
            ("rankings", "RankingResults", ("ranking_type", "calculated_at")),
        ],
    )
    def test_table(self, prod: Deployment, role: str, table_name: str, keys: tuple[str, str]) -> None:
        table = prod.one(TABLE, ct(f"{role}-table"))
        assert (table["name"], table["billingMode"]) == (table_name, "PAY_PER_REQUEST")
        assert (table["hashKey"], table["rangeKey"]) == keys
        assert table["pointInTimeRecovery"]["enabled"] is True
        assert table["serverSideEncryption"]["kmsKeyArn"] == key_arn(prod)
        assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}
        assert table["deletionProtectionEnabled"] is True

    def test_there_are_two(self, prod: Deployment) -> None:
        assert len(prod.of_type(TABLE)) == 2


def key_arn(result: Deployment) -> str:
    return str(result.one("aws:kms/key:Key", ct("key-key")).outputs["arn"])


class TestFunctions:
    @pytest.mark.parametrize("name", SERVICES)
    def test_images_by_digest(self, prod: Deployment, name: str) -> None:
        wanted = stack_config("prod")["seoul-platform:systems"][SYSTEM]["services"][name]["imageDigest"]
        function = prod.one(FUNCTION, ct(f"{name}-function"))
        repository = prod.one("aws:ecr/repository:Repository", ct(f"{name}-images"))
        assert function["packageType"] == "Image"
        assert function["imageUri"] == f"{repository.outputs['repositoryUrl']}@{wanted}"
        assert function.get("imageConfig") is None
        assert function["timeout"] < 29

    def test_consumers_are_other_commands_of_the_same_images(self, prod: Deployment) -> None:
        pairs = {"rates": "currency", "archive": "history", "calculator": "ranking"}
        for consumer, service in pairs.items():
            theirs = prod.one(FUNCTION, ct(f"{consumer}-function"))
            assert theirs["imageUri"] == prod.one(FUNCTION, ct(f"{service}-function"))["imageUri"]
            assert len(theirs["imageConfig"]["commands"]) == 1

    @pytest.mark.parametrize("name", SERVICES)
    def test_lambda_may_pull(self, prod: Deployment, name: str) -> None:
        policy = prod.one("aws:ecr/repositoryPolicy:RepositoryPolicy", ct(f"{name}-policy"))["policy"]
        (statement,) = json.loads(policy)["Statement"]
        assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "444455556666"}

    @pytest.mark.parametrize("name", SERVICES)
    def test_linear_shift_with_rollback(self, prod: Deployment, name: str) -> None:
        group = prod.one("aws:codedeploy/deploymentGroup:DeploymentGroup", ct(f"{name}-release-group"))
        assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
        assert group["deploymentStyle"]["deploymentType"] == "BLUE_GREEN"
        assert group["autoRollbackConfiguration"]["events"] == [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
        ]
        alarms = {
            each.outputs["name"]
            for each in prod.of_type(ALARM)
            if each.name.startswith(ct(f"alarms-{name}-"))
        }
        assert set(group["alarmConfiguration"]["alarms"]) == alarms
        assert len(alarms) == 4

    def test_dev_moves_at_once(self, dev: Deployment) -> None:
        assert not dev.of_type("aws:codedeploy/deploymentGroup:DeploymentGroup")


class TestApi:
    @pytest.mark.parametrize("name", SERVICES)
    def test_any_proxied_with_a_key(self, prod: Deployment, name: str) -> None:
        for path in (f"/{name}", f"/{name}/*"):
            method = prod.one("aws:apigateway/method:Method", ct(f"api-any-{path}"))
            integration = prod.one("aws:apigateway/integration:Integration", ct(f"api-integration-{path}"))
            assert (method["httpMethod"], method["apiKeyRequired"]) == ("ANY", True)
            assert integration["type"] == "AWS_PROXY"
            alias = prod.one("aws:lambda/alias:Alias", ct(f"{name}-alias"))
            assert integration["uri"] == alias.outputs["invokeArn"]

    def test_regional_and_one_door(self, prod: Deployment) -> None:
        api = prod.one("aws:apigateway/restApi:RestApi", ct("api-api"))
        assert api["endpointConfiguration"]["types"] == "REGIONAL"
        assert api["disableExecuteApiEndpoint"] is True

    def test_clients(self, prod: Deployment) -> None:
        plan = prod.one("aws:apigateway/usagePlan:UsagePlan", ct("clients-plan"))
        assert plan["throttleSettings"] == {"rateLimit": 50, "burstLimit": 100}
        assert plan["quotaSettings"] == {"limit": 10_000_000, "period": "MONTH"}
        assert [each.name for each in prod.of_type("aws:apigateway/apiKey:ApiKey")] == [ct("clients-web")]

    def test_firewall_counts_1000_per_address(self, prod: Deployment) -> None:
        for name in ("api-firewall-acl", "site-firewall-acl"):
            rules = prod.one("aws:wafv2/webAcl:WebAcl", ct(name))["rules"]
            limits = [r["statement"]["rateBasedStatement"] for r in rules if r["name"] == "rate-limit"]
            assert [(each["limit"], each["aggregateKeyType"]) for each in limits] == [(1_000, "IP")]
        joined = prod.one("aws:wafv2/webAclAssociation:WebAclAssociation", ct("api-firewall-api"))
        stage = prod.one("aws:apigateway/stage:Stage", ct("api-stage"))
        assert joined["resourceArn"] == stage.outputs["arn"]

    def test_pages_may_send_the_key(self, prod: Deployment) -> None:
        answers = prod.of_type("aws:apigateway/integrationResponse:IntegrationResponse")
        headers = {
            each["responseParameters"]["method.response.header.Access-Control-Allow-Headers"]
            for each in answers
        }
        assert all("X-Api-Key" in each for each in headers)
        assert headers


class TestKafka:
    def test_prod(self, prod: Deployment) -> None:
        cluster = prod.one("aws:msk/cluster:Cluster", ct("kafka-cluster"))
        private = {
            each.id for each in prod.of_type("aws:ec2/subnet:Subnet") if each["tags"]["tier"] == "private"
        }
        assert (cluster["numberOfBrokerNodes"], cluster["kafkaVersion"]) == (3, "3.9.x.kraft")
        assert cluster["brokerNodeGroupInfo"]["instanceType"] == "kafka.m5.large"
        assert set(cluster["brokerNodeGroupInfo"]["clientSubnets"]) == private
        assert len(private) == 3
        assert cluster["clientAuthentication"]["sasl"]["iam"] is True
        assert cluster["encryptionInfo"]["encryptionInTransit"] == {"clientBroker": "TLS", "inCluster": True}

    def test_one_topic_and_two_readers(self, prod: Deployment) -> None:
        topics = prod.of_type("aws:msk/topic:Topic")
        assert [each["name"] for each in topics] == ["exchange-rates"]
        mappings = [
            each
            for each in prod.of_type("aws:lambda/eventSourceMapping:EventSourceMapping")
            if each.get("topics")
        ]
        groups = [each["amazonManagedKafkaEventSourceConfig"]["consumerGroupId"] for each in mappings]
        assert sorted(groups) == [ct("archive"), ct("rates")]


class TestQueue:
    def test_names_and_redrive(self, prod: Deployment) -> None:
        queue = prod.one("aws:sqs/queue:Queue", ct("ranking-queue"))
        dead = prod.one("aws:sqs/queue:Queue", ct("ranking-dead-letters"))
        assert (queue["name"], dead["name"]) == ("ranking-calculation-queue", "data-processing-dlq")
        assert json.loads(queue["redrivePolicy"])["deadLetterTargetArn"] == dead.outputs["arn"]
        calculator = prod.one(FUNCTION, ct("calculator-function"))
        assert queue["visibilityTimeoutSeconds"] == 6 * calculator["timeout"]

    def test_its_consumer(self, prod: Deployment) -> None:
        mapping = prod.one(
            "aws:lambda/eventSourceMapping:EventSourceMapping", ct("calculator-source-mapping")
        )
        assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["scalingConfig"] == {"maximumConcurrency": 5}


class TestStorage:
    def test_three_buckets(self, prod: Deployment) -> None:
        assert sorted(each.name for each in own(prod, "aws:s3/bucket:Bucket")) == [
            ct("data-backup-bucket"),
            ct("service-logs-bucket"),
            ct("static-assets-files-bucket"),
        ]

    def test_each_has_a_lifecycle(self, prod: Deployment) -> None:
        token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
        assert len(own(prod, token)) == 3
        rules = {each["id"]: each for each in prod.one(token, ct("data-backup-lifecycle"))["rules"]}
        assert rules["archive"]["transitions"] == [{"days": 30, "storageClass": "GLACIER"}]
        assert rules["expire"]["expiration"] == {"days": 365}
        logs = {each["id"]: each for each in prod.one(token, ct("service-logs-lifecycle"))["rules"]}
        assert logs["expire"]["expiration"] == {"days": 30}

    def test_the_static_one_is_behind_cloudfront(self, prod: Deployment) -> None:
        distribution = prod.one("aws:cloudfront/distribution:Distribution", ct("static-assets-distribution"))
        bucket = prod.one("aws:s3/bucket:Bucket", ct("static-assets-files-bucket"))
        assert distribution["origins"][0]["domainName"] == bucket.outputs["bucketRegionalDomainName"]
        assert distribution["aliases"] == ["static.currency.jclee.me"]


class TestParameters:
    def test_names(self, prod: Deployment) -> None:
        assert sorted(each["name"] for each in prod.of_type("aws:ssm/parameter:Parameter")) == [
            "/currency-service/api/bok-key",
            "/currency-service/db/cluster-arn",
            "/currency-service/db/host",
            "/currency-service/db/name",
            "/currency-service/db/port",
            "/currency-service/db/reader-host",
            "/currency-service/db/secret-arn",
        ]

    def test_the_banks_key_never_passes_through(self, prod: Deployment) -> None:
        parameter = prod.one("aws:ssm/parameter:Parameter", ct("parameters-api-bok-key"))
        assert (parameter["type"], parameter["keyId"]) == ("SecureString", key_arn(prod))
        assert (parameter["valueWo"], parameter.get("value")) == ("unset", None)


class TestGrants:
    def test_tables(self, prod: Deployment) -> None:
        tables = {str(each.outputs["arn"]) for each in prod.of_type(TABLE)}
        for name in ("ranking", "calculator"):
            found = granted(prod, f"{name}-role-policy")
            dynamodb = {action for action in found if action.startswith("dynamodb:")}
            assert dynamodb == {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}
            assert all(found[action] == tables for action in dynamodb)

    @pytest.mark.parametrize("name", ["currency", "history", "rates", "archive"])
    def test_others_see_no_table(self, prod: Deployment, name: str) -> None:
        assert not [a for a in granted(prod, f"{name}-role-policy") if a.startswith("dynamodb:")]

    def test_nobody_scans(self, prod: Deployment) -> None:
        actions = {action for each in all_documents(prod) for action in each["Action"]}
        assert not {action for action in actions if "Scan" in action}
        assert "dynamodb:Query" in actions

    @pytest.mark.parametrize("name", ["currency", "history", "archive"])
    def test_data_api_of_its_own_cluster(self, prod: Deployment, name: str) -> None:
        cluster = str(prod.one("aws:rds/cluster:Cluster", ct("database-cluster")).outputs["arn"])
        found = granted(prod, f"{name}-role-policy")
        data = {action: found[action] for action in found if action.startswith("rds-data:")}
        assert data
        assert all(resources == {cluster} for resources in data.values())

    @pytest.mark.parametrize("name", ["ranking", "rates", "calculator"])
    def test_others_see_no_database(self, prod: Deployment, name: str) -> None:
        assert not [a for a in granted(prod, f"{name}-role-policy") if a.startswith("rds-data:")]

    def test_kafka_by_topic(self, prod: Deployment) -> None:
        cluster = str(prod.one("aws:msk/cluster:Cluster", ct("kafka-cluster")).outputs["arn"])
        topic = cluster.replace(":cluster/", ":topic/") + "/exchange-rates"
        readers = {
            name: cluster.replace(":cluster/", ":group/") + f"/{ct(name)}" for name in ("rates", "archive")
        }
        for each in all_documents(prod):
            kafka = {action for action in each["Action"] if action.startswith("kafka-cluster:")}
            if kafka:
                assert set(each["Resource"]) <= {cluster, topic, *readers.values()}
        for name, reader in readers.items():
            found = granted(prod, f"{name}-source-grant")
            assert found["kafka-cluster:ReadData"] == {topic}
            assert found["kafka-cluster:AlterGroup"] == {reader}

    def test_no_account_or_region_is_open(self, prod: Deployment) -> None:
        resources = {res for each in all_documents(prod) for res in each["Resource"]}
        assert not [each for each in resources if ":*:*:" in each or "::*:" in each]

    def test_a_star_is_only_where_there_is_no_resource(self, prod: Deployment) -> None:
        starred = {
            action
            for each in all_documents(prod)
            if "*" in each["Resource"] and each["Effect"] == "Allow"
            for action in each["Action"]
        }
        assert {action.split(":")[0] for action in starred} == {"cloudwatch", "ec2", "kafka", "logs", "xray"}


class TestIngestor:
    @staticmethod
    def task(result: Deployment) -> dict[str, Any]:
        definition = result.one(
            "aws:ecs/taskDefinition:TaskDefinition", ct("ingestor-task-run-task-definition")
        )
        (container,) = json.loads(definition["containerDefinitions"])
        return container

    def test_every_five_minutes(self) -> None:
        result = build("prod", ingestor="scheduled_task")
        schedule = result.one("aws:scheduler/schedule:Schedule", ct("ingestor-task-schedule"))
        assert schedule["scheduleExpression"] == "cron(*/5 * * * ? *)"

    def test_what_the_image_is_told(self) -> None:
        container = self.task(build("prod", ingestor="scheduled_task"))
        environment = {each["name"]: each["value"] for each in container["environment"]}
        assert environment["EXECUTION_MODE"] == "cronjob"
        assert int(environment["DEADLINE_SECONDS"]) < 300
        assert environment["KAFKA_TOPIC"] == "exchange-rates"
        assert container["user"] == "1000:1000"
        assert "@sha256:" in container["image"]

    def test_what_it_may_do(self) -> None:
        result = build("prod", ingestor="scheduled_task")
        found = granted(result, "ingestor-task-run-task-role-policy")
        parameter = result.one("aws:ssm/parameter:Parameter", ct("parameters-api-bok-key"))
        bucket = result.one("aws:s3/bucket:Bucket", ct("data-backup-bucket"))
        cluster = str(result.one("aws:msk/cluster:Cluster", ct("kafka-cluster")).outputs["arn"])
        topic = cluster.replace(":cluster/", ":topic/") + "/exchange-rates"
        assert found["ssm:GetParameter"] == {parameter.outputs["arn"]}
        assert found["kafka-cluster:WriteData"] == {topic}
        assert found["s3:PutObject"] == {f"{bucket.outputs['arn']}/raw/*"}
        assert "kafka-cluster:ReadData" not in found


class TestWatching:
    def test_errors_above_10_in_2_times_300_s(self, prod: Deployment) -> None:
        for name in (*SERVICES, *CONSUMERS):
            alarm = prod.one(ALARM, ct(f"alarms-{name}-error-count"))
            assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Lambda", "Errors")
            assert (alarm["threshold"], alarm["comparisonOperator"]) == (10, "GreaterThanThreshold")
            assert (alarm["evaluationPeriods"], alarm["period"]) == (2, 300)
            assert len(alarm["alarmActions"]) == 2

    @pytest.mark.parametrize(
        ("name", "namespace", "metric", "threshold"),
        [
            ("rates-reader-lag", "AWS/Kafka", "SumOffsetLag", 1_000),
            ("archive-reader-lag", "AWS/Kafka", "SumOffsetLag", 1_000),
            ("kafka-offline", "AWS/Kafka", "OfflinePartitionsCount", 0),
            ("queue-age", "AWS/SQS", "ApproximateAgeOfOldestMessage", 600),
            ("queue-dead-letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", 0),
        ],
    )
    def test_alarm(self, prod: Deployment, name: str, namespace: str, metric: str, threshold: float) -> None:
        alarm = prod.one(ALARM, ct(f"alarms-{name}"))
        assert (alarm["namespace"], alarm["metricName"]) == (namespace, metric)
        assert alarm["threshold"] == threshold

    def test_a_silent_topic_is_an_alarm_whatever_runs_the_ingestor(self, prod: Deployment) -> None:
        alarm = prod.one(ALARM, ct("alarms-kafka-silent"))
        watched = [each["metric"] for each in alarm["metricQueries"] if each.get("metric")]
        assert {each["metricName"] for each in watched} == {"MessagesInPerSec"}
        assert {each["dimensions"]["Broker ID"] for each in watched} == {"1", "2", "3"}
        assert (alarm["treatMissingData"], alarm["evaluationPeriods"]) == ("breaching", 3)

    def test_throttled_tables(self, prod: Deployment) -> None:
        for name in ("selections", "rankings"):
            alarm = prod.one(ALARM, ct(f"alarms-{name}-throttled"))
            metrics = {each["metric"]["metricName"] for each in alarm["metricQueries"] if each.get("metric")}
            assert metrics == {"ReadThrottleEvents", "WriteThrottleEvents"}

    def test_every_alarm_tells_someone(self, prod: Deployment) -> None:
        assert not [each.name for each in prod.of_type(ALARM) if not each.get("alarmActions")]

    def test_dashboard(self, prod: Deployment) -> None:
        dashboard = prod.one("aws:cloudwatch/dashboard:Dashboard", ct("overview-dashboard"))
        titles = [
            each["properties"].get("title")
            for each in json.loads(dashboard["dashboardBody"])["widgets"]
            if each["type"] == "metric"
        ]
        assert dashboard["dashboardName"] == "CurrencyService-Overview"
        assert {
            "Duration (p95), ms",
            "Errors",
            "Invocations",
            "Cache hit rate, percent",
            "Queue age, seconds",
            "Kafka lag, messages",
            "Database capacity, ACU",
        } <= set(titles)

    def test_own_metrics_in_one_namespace(self, prod: Deployment) -> None:
        namespaces = {
            each["Condition"]["StringEquals"]["cloudwatch:namespace"]
            for each in all_documents(prod)
            if each["Action"] == ["cloudwatch:PutMetricData"]
        }
        assert namespaces == {"CurrencyService"}

    def test_budget(self, prod: Deployment) -> None:
        budget = prod.one("aws:budgets/budget:Budget", ct("budget-monthly"))
        assert float(budget["limitAmount"]) == 2_330


class TestRecovery:
    def test_everything_is_in_the_plan(self, prod: Deployment) -> None:
        selection = prod.one("aws:backup/selection:Selection", ct("backup-data"))
        stores = [
            prod.one("aws:rds/cluster:Cluster", ct("database-cluster")),
            prod.one("aws:s3/bucket:Bucket", ct("data-backup-bucket")),
            *prod.of_type(TABLE),
        ]
        assert set(selection["resources"]) == {each.outputs["arn"] for each in stores}

    def test_the_drill_restores_each_kind(self, prod: Deployment, dev: Deployment) -> None:
        token = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
        kinds = {each["protectedResourceType"] for each in prod.of_type(token)}
        assert kinds == {"Aurora", "DynamoDB", "S3"}
        assert not dev.of_type(token)

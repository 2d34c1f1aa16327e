"""The first start of a host that runs one Java service: a script, as text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.compute.scaling_group_plan import HOST_METRIC, HOST_METRIC_SECONDS

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_VALUE = re.compile(r"[^\n\r\"\\$`]*")

AGENT_CONFIG = "/opt/aws/amazon-cloudwatch-agent/etc/host.json"


@dataclass(frozen=True, kw_only=True)
class JavaService:
    """``artifact`` is an ``s3://`` folder with ``app.jar`` and ``agent.jar``, OpenTelemetry's for Java.

    ``environment`` has addresses and names, never a secret.
    """

    name: str
    region: str
    artifact: str
    release: str
    java: str = "java-17-amazon-corretto-headless"
    """Amazon Corretto of the JDK that the application is built for, as Amazon Linux packages it."""
    group_name: str
    """The Auto Scaling group: the dimension that its scaling reads."""
    log_group: str
    metric_namespace: str
    environment: Mapping[str, str]


def user_data(service: JavaService) -> str:
    """Installs Java and the agents, and runs the service as a user of its own under systemd.

    It waits for an artifact that is not there yet: the bucket is made with the hosts. Raises ValueError for
    what would not survive the script's quoting.
    """
    _check(service)
    return _SCRIPT.format(
        name=service.name,
        java=service.java,
        artifact=service.artifact,
        region=service.region,
        agent_config=AGENT_CONFIG,
        agent=json.dumps(agent_config(service), indent=2, sort_keys=True),
        environment="\n".join(f'{key}="{value}"' for key, value in sorted(_environment(service).items())),
    )


def agent_config(service: JavaService) -> dict[str, Any]:
    """The CloudWatch agent's: the processor every ten seconds for the scaling, the log, and traces."""
    return {
        "agent": {"omit_hostname": True, "region": service.region},
        "metrics": {
            "namespace": service.metric_namespace,
            "aggregation_dimensions": [["AutoScalingGroupName"]],
            "metrics_collected": {
                "cpu": {
                    "measurement": [HOST_METRIC],
                    "totalcpu": True,
                    "metrics_collection_interval": HOST_METRIC_SECONDS,
                    "append_dimensions": {"AutoScalingGroupName": service.group_name},
                },
                "mem": {
                    "measurement": ["mem_used_percent"],
                    "metrics_collection_interval": 60,
                    "append_dimensions": {"AutoScalingGroupName": service.group_name},
                },
            },
            # Data older than this goes out in one call; the scaling waits for it.
            "force_flush_interval": HOST_METRIC_SECONDS,
        },
        "logs": {
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {
                            "file_path": f"/var/log/{service.name}/app.log",
                            "log_group_name": service.log_group,
                            "log_stream_name": "{instance_id}",
                        }
                    ]
                }
            }
        },
        "traces": {"traces_collected": {"otlp": {}}},
    }


def _environment(service: JavaService) -> dict[str, str]:
    return {
        "AWS_REGION": service.region,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_PROPAGATORS": "xray",
        "OTEL_RESOURCE_ATTRIBUTES": f"service.version={service.release}",
        "OTEL_SERVICE_NAME": service.name,
        "RELEASE": service.release,
        **service.environment,
    }


def _check(service: JavaService) -> None:
    if not _NAME.fullmatch(service.name):
        raise ValueError(f"name: got {service.name!r}; lower case letters, digits and dashes")
    if not re.fullmatch(r"s3://[a-z0-9.-]+/[A-Za-z0-9/._-]+", service.artifact):
        raise ValueError(
            f"artifact: got {service.artifact!r}; an s3:// folder such as s3://bucket/releases/1"
        )
    for key, value in service.environment.items():
        if not _VARIABLE.fullmatch(key):
            raise ValueError(f"environment: got the name {key!r}; capitals, digits and underscores")
        if not _VALUE.fullmatch(value):
            raise ValueError(f"environment: {key}: one line without quotes, backslash, $ or backtick")


_SCRIPT = """#!/bin/bash
set -euo pipefail
dnf install -y {java} amazon-cloudwatch-agent
useradd --system --home-dir /opt/{name} --shell /sbin/nologin {name}
install -d -m 0755 /opt/{name} /etc/{name}
install -d -m 0750 -o {name} -g {name} /var/log/{name}
cat > /etc/{name}/environment <<'END'
{environment}
END
cat > /opt/{name}/fetch <<'END'
#!/bin/bash
until aws s3 cp --only-show-errors --recursive {artifact}/ /opt/{name}/ --region {region} \\
  && test -s /opt/{name}/app.jar && test -s /opt/{name}/agent.jar; do sleep 10; done
END
chmod 0755 /opt/{name}/fetch
cat > /etc/systemd/system/{name}.service <<'END'
[Unit]
After=network-online.target
Wants=network-online.target
[Service]
User={name}
EnvironmentFile=/etc/{name}/environment
ExecStartPre=+/opt/{name}/fetch
ExecStart=/usr/bin/java -XX:MaxRAMPercentage=75 -javaagent:/opt/{name}/agent.jar -jar /opt/{name}/app.jar
StandardOutput=append:/var/log/{name}/app.log
StandardError=inherit
SuccessExitStatus=143
Restart=always
RestartSec=5
TimeoutStartSec=infinity
NoNewPrivileges=true
PrivateTmp=true
ProtectHome=true
ProtectSystem=full
[Install]
WantedBy=multi-user.target
END
cat > /etc/logrotate.d/{name} <<'END'
/var/log/{name}/app.log {{
  daily
  rotate 3
  maxsize 100M
  copytruncate
  missingok
}}
END
cat > {agent_config} <<'END'
{agent}
END
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \\
  -a fetch-config -m ec2 -s -c file:{agent_config}
systemctl daemon-reload
systemctl enable --now --no-block {name}.service
"""

"""Computed outputs: AWS Database Migration Service."""

from collections.abc import Mapping

from offline.computed import Entry

_DMS = "arn:aws:dms:{region}:{account}:"

TABLE: Mapping[str, Entry] = {
    "aws:dms/certificate:Certificate": {
        "id": "{in_certificateId}",
        "certificateArn": _DMS + "cert:{HEX26}",
    },
    "aws:dms/endpoint:Endpoint": {
        "id": "{in_endpointId}",
        "endpointArn": _DMS + "endpoint:{HEX26}",
    },
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": {
        "id": "{in_replicationSubnetGroupId}",
        "replicationSubnetGroupArn": _DMS + "subgrp:{in_replicationSubnetGroupId}",
        "vpcId": "vpc-{hex17}",
    },
    "aws:dms/replicationConfig:ReplicationConfig": {
        "id": _DMS + "replication-config:{in_resourceIdentifier}",
        "arn": "{id}",
    },
}

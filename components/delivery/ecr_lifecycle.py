"""Which images a repository lets go."""

import json


def lifecycle_policy(*, keep_images: int, untagged_days: int) -> str:
    """ECR's JSON: untagged images go by age, tagged ones by count, the oldest first.

    Raises ValueError for a number below one.
    """
    for field, value in (("keep_images", keep_images), ("untagged_days", untagged_days)):
        if value < 1:
            raise ValueError(f"{field}: got {value}; ECR allows 1 or more")
    untagged = {
        "rulePriority": 1,
        "description": f"Untagged images after {untagged_days} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": untagged_days,
        },
        "action": {"type": "expire"},
    }
    tagged = {
        "rulePriority": 2,
        "description": f"All but the newest {keep_images} releases",
        "selection": {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": keep_images,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [untagged, tagged]}, sort_keys=True)

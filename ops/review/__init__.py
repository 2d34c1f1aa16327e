"""What a pull request would do to a stack, as one comment: plan, policies, losses, cost, why it stops."""

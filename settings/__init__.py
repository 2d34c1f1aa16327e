"""What an owner decides, as typed models. Needs no Pulumi, except in ``loader``."""

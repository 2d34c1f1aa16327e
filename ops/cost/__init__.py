"""What a stack costs a month, from its plan, a dated price list and the owner's usage assumptions."""

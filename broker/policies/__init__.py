"""What a provider promises and charges, as data: policy files, their schema and their support hours."""

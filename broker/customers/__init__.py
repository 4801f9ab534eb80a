"""Who is helped: customers, their contacts and consents, how they are recognised, export and erasure of their data."""

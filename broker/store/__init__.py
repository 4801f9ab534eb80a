"""The only place with a database: engine, tables, migrations, backup."""

"""The command line ``expertstance``; ``cli.main`` puts the sub-commands together."""

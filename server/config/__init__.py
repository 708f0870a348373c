"""config.toml: types, checks, and its translation for the other rooms."""

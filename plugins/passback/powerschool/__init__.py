"""PowerSchool: the roster in, assignments and scores out, and the plugin that an administrator installs."""

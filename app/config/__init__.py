"""The settings: declared once, loaded from flags, environment, file and defaults, changed in the file.

No Qt, no SQL, no HTTP here.
"""

from app.config.config_file import CONFIG_FILE, SettingsError, change_config_file, read_config_file
from app.config.declared import DECLARED, Setting
from app.config.settings import (
    DATABASE_FILE,
    ENVIRONMENT_PREFIX,
    Given,
    Settings,
    Source,
    default_data_dir,
    given_settings,
    load_settings,
)

__all__ = [
    "CONFIG_FILE",
    "DATABASE_FILE",
    "DECLARED",
    "ENVIRONMENT_PREFIX",
    "Given",
    "Setting",
    "Settings",
    "SettingsError",
    "Source",
    "change_config_file",
    "default_data_dir",
    "given_settings",
    "load_settings",
    "read_config_file",
]

"""The settings page as values: what each field shows, what is wrong with what was typed, what saving would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.config import Given, Setting

YES, NO = "true", "false"


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One setting's field. `text` is what the file says, empty where it says nothing; `standard` what counts then.

    `note` says what counts instead of the field while something outranks it; empty where nothing does. A switch whose
    word in the file cannot be used `is_broken`: saving writes it anew.
    """

    setting: Setting
    text: str
    standard: str
    hint: str
    note: str
    is_broken: bool = False

    @property
    def is_ticked(self) -> bool:
        """For a switch: whether it is on."""
        return bool(self.setting.parse(self.text or self.standard))


def field_model(given: Given, standard: str) -> FieldModel:
    """The field of a setting as it is set; `standard` is what counts when nobody sets it."""
    setting = given.setting
    note = ""
    if given.outranks_file:
        value = "nothing" if given.text == "" else given.text
        note = f"At present {value} counts, from {given.place}: it goes before what is saved here."
    hint = setting.meaning if setting.is_switch else f"{setting.meaning} It takes {setting.allowed}."
    text = given.filed or ""
    is_broken = setting.is_switch and given.filed is not None and setting.fault_of(text) is not None
    return FieldModel(setting, "" if is_broken else text, standard, hint, note, is_broken)


def fault_of(setting: Setting, text: str) -> str:
    """What is wrong with what was typed, empty for nothing; an empty field means the standard, which is never wrong."""
    return "" if text.strip() == "" else setting.fault_of(text.strip()) or ""


def changes_of(fields: Sequence[FieldModel], typed: Mapping[str, str]) -> dict[str, str | None]:
    """What saving would change in the file: new texts by key, None where a setting is no longer set there.

    `typed` holds the texts of the fields by key; a switch's is true or false, and is left out of the file while it
    was never there and says the standard.
    """
    changes: dict[str, str | None] = {}
    for field in fields:
        key, text = field.setting.key, typed[field.setting.key].strip()
        if field.setting.is_switch:
            if field.is_broken or field.setting.parse(text) != field.is_ticked:
                changes[key] = text
        elif text != field.text.strip():
            changes[key] = text or None
    return changes

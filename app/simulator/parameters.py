"""A FHIR R4 `Parameters` resource, read as strictly as the service reads it.

Unknown elements, values of the wrong JSON type, empty texts and repeated values are errors. What each parameter
means is not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

_TEXT_TYPES = {
    "Base64Binary", "Canonical", "Code", "Date", "DateTime", "Id", "Instant", "Markdown", "Oid", "String", "Time",
    "Uri", "Url", "Uuid",
}  # fmt: skip
_NUMBER_TYPES = {"Decimal", "Integer", "PositiveInt", "UnsignedInt"}
_OBJECT_TYPES = {
    "Address", "Age", "Annotation", "Attachment", "CodeableConcept", "Coding", "ContactDetail", "ContactPoint",
    "Contributor", "Count", "DataRequirement", "Distance", "Dosage", "Duration", "Expression", "HumanName",
    "Identifier", "Meta", "Money", "ParameterDefinition", "Period", "Quantity", "Range", "Ratio", "Reference",
    "RelatedArtifact", "SampledData", "Signature", "Timing", "TriggerDefinition", "UsageContext",
}  # fmt: skip
_VALUE_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXT_TYPES, (str,)),
    **dict.fromkeys(_NUMBER_TYPES, (int, float)),
    **dict.fromkeys(_OBJECT_TYPES, (dict,)),
    "Boolean": (bool,),
}
_RESOURCE: dict[str, type] = {
    "resourceType": str,
    "id": str,
    "meta": dict,
    "implicitRules": str,
    "language": str,
    "parameter": list,
}
_PARAMETER: dict[str, type] = {
    "id": str, "extension": list, "modifierExtension": list, "name": str, "resource": dict, "part": list,
}  # fmt: skip
_CODING: dict[str, type] = {
    "id": str, "extension": list, "system": str, "version": str, "code": str, "display": str, "userSelected": bool,
}  # fmt: skip
_JSON_NAMES: dict[type, str] = {
    str: "SCALAR", bool: "SCALAR", int: "SCALAR", float: "SCALAR", list: "ARRAY", dict: "OBJECT", type(None): "NULL",
}  # fmt: skip


class ParametersInvalid(Exception):
    """The text is not a Parameters resource; the message is worded as the service's parser words it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter or part: its name, its value and the value's type (as in `valueString`), its own parts."""

    name: str | None
    value_type: str | None = None
    value: Any = None
    parts: tuple[Parameter, ...] = field(default=())


def parse_parameters(body: bytes) -> tuple[Parameter, ...]:
    """The parameters of a resource; raises ParametersInvalid."""
    try:
        document = json.loads(body, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise ParametersInvalid(f"Failed to parse JSON encoded FHIR content: {error}") from error
    if not isinstance(document, dict):
        raise ParametersInvalid("Failed to parse JSON encoded FHIR content: Content does not appear to be FHIR JSON")
    resource_type = document.get("resourceType")
    if not isinstance(resource_type, str):
        raise ParametersInvalid("Invalid JSON content detected, missing required element: 'resourceType'")
    if resource_type != "Parameters":
        raise ParametersInvalid(f'Incorrect resource type found, expected "Parameters" but found "{resource_type}"')
    _check_elements(document, _RESOURCE)
    try:
        return tuple(_parameter(item) for item in document.get("parameter", []))
    except RecursionError as error:
        raise ParametersInvalid("Failed to parse JSON encoded FHIR content: nested too deeply") from error


def _parameter(item: Any) -> Parameter:
    if not isinstance(item, dict):
        _wrong_type("parameter", dict, item)
    values = {name: value for name, value in item.items() if name.removeprefix("value") in _VALUE_TYPES}
    _check_elements({name: value for name, value in item.items() if name not in values}, _PARAMETER)
    if len(values) > 1:
        raise ParametersInvalid("Unexpected repetition of element 'value[x]' found during parse")
    value_type, value = None, None
    for name, value in values.items():
        value_type = name.removeprefix("value")
        _check_value(name, value, _VALUE_TYPES[value_type])
        if value_type == "Coding":
            _check_elements(value, _CODING)
    parts = tuple(_parameter(part) for part in item.get("part", []))
    return Parameter(item.get("name"), value_type, value, parts)


def _check_elements(item: dict[str, Any], known: dict[str, type]) -> None:
    for name, value in item.items():
        if name.removeprefix("_") not in known:
            raise ParametersInvalid(f"Unknown element '{name}' found during parse")
        expected = (dict, list) if name.startswith("_") else (known[name],)
        _check_value(name, value, expected)


def _check_value(name: str, value: Any, expected: tuple[type, ...]) -> None:
    # A JSON boolean is a Python int, so bool has to be asked for by name.
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        _wrong_type(name, expected[0], value)
    if value == "":
        raise ParametersInvalid(
            f'[element="{name}"] Invalid attribute value "": Attribute value must not be empty ("")'
        )


def _wrong_type(name: str, expected: type, found: Any) -> NoReturn:
    raise ParametersInvalid(
        f"Found incorrect type for element {name} - Expected {_JSON_NAMES[expected]} "
        f"and found {_JSON_NAMES[type(found)]}"
    )


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")

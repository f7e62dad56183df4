#!/usr/bin/env python3
"""Cuts an ABI dump of abidw down to what callers see: the exported functions and the types that they
name. The rest, nine tenths and more, are Rust's own types, other with every compiler.

    abidw --no-corpus-path --no-show-locs libqcos.so | scripts/abi_surface.py
"""

import sys
import xml.etree.ElementTree as xml

dump = xml.parse(sys.stdin.buffer).getroot()
types = {}
functions = []
for element in dump.iter():
    if element.tag == "function-decl" and element.get("elf-symbol-id"):
        functions.append(element)
    elif element.get("id"):
        types.setdefault(element.get("id"), element)
functions.sort(key=lambda function: function.get("name"))

# Numbered in the order in which the functions name them.
numbers = {}
named = []


def number_types(element):
    """Gives a number to each type that the element names, and to those that they name."""
    for part in element.iter():
        name = part.get("type-id")
        if name is None:
            continue
        if name not in numbers:
            numbers[name] = f"type-{len(numbers) + 1}"
            named.append(types[name])
            number_types(types[name])
        part.set("type-id", numbers[name])
        # These are numbered by the compiler.
        if part.get("name", "").startswith("__"):
            del part.attrib["name"]


for function in functions:
    number_types(function)
for definition in named:
    for part in definition.iter():
        if part.get("id"):
            number = numbers.setdefault(part.get("id"), f"type-{len(numbers) + 1}")
            part.set("id", number)
    if "unnamed" in definition.get("name", ""):
        definition.set("name", "unnamed")

surface = xml.Element("abi-corpus", dump.attrib)
surface.append(dump.find("elf-function-symbols"))
unit = xml.SubElement(surface, "abi-instr", {"address-size": "64", "path": "qcos"})
unit.set("language", "LANG_UNKNOWN")
unit.extend(named)
unit.extend(functions)
xml.indent(surface)
print(xml.tostring(surface, encoding="unicode"))

"""A client whose every reply is compared with the type that its method promises."""

import functools
import inspect
import typing

import libqcos


class AnyOf:
    """Stands for what only type checkers know."""

    def __class_getitem__(cls, _):
        return object


def hints(function):
    return typing.get_type_hints(function, localns={"Unpack": AnyOf, "Buffer": object})


def differs(value, hint, where="reply"):
    """What of the value is not as the type says; None if all is."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (typing.Any, object):
        return None
    if hasattr(hint, "__total__"):
        return differs_from_dict(value, hint, where)
    if origin is typing.Union:
        told = [differs(value, one, where) for one in arguments]
        return None if None in told else told[0]
    if origin is typing.Literal:
        return None if value in arguments else f"{where}: {value!r} is not of {arguments}"
    if not type(value) is (origin or hint):
        return f"{where}: {value!r} is no {hint}"
    items = {list: enumerate, dict: dict.items}.get(origin)
    for key, item in items(value) if items else ():
        told = differs(item, arguments[-1], f"{where}[{key!r}]")
        if told:
            return told
    return None


def differs_from_dict(value, hint, where):
    if type(value) is not dict:
        return f"{where}: {value!r} is no {hint.__name__}"
    known = typing.get_type_hints(hint)
    # Python 3.8 does not know which are required.
    missing = getattr(hint, "__required_keys__", set()) - value.keys()
    if missing or value.keys() - known.keys():
        return f"{where} is no {hint.__name__}: lacks {missing}, {value}"
    told = (differs(value[key], known[key], f"{where}[{key!r}]") for key in value)
    return next(filter(None, told), None)


def holds(value, hint, name):
    told = differs(value, hint)
    assert told is None, f"{name}: {told}"


def checked(name, function):
    promised = hints(function)["return"]

    @functools.wraps(function)
    def call(*arguments, **keywords):
        try:
            reply = function(*arguments, **keywords)
        except libqcos.QcosError as error:
            holds(error.reply, libqcos.types.Reply, name)
            raise
        holds(reply, promised, name)
        return reply

    return call


def replies(promised):
    return typing.get_args(promised) if typing.get_origin(promised) is typing.Union else [promised]


class Client(libqcos.Client):
    """Its bucket's own properties are told in the service's words, which are not promised."""


CHECKED = [
    name
    for name, function in inspect.getmembers(libqcos.Client, inspect.isfunction)
    if not name.startswith("_")
    and any(hasattr(reply, "__total__") for reply in replies(hints(function)["return"]))
]
for name in CHECKED:
    setattr(Client, name, checked(name, getattr(libqcos.Client, name)))

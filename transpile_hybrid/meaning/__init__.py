"""What code means: names, classes, kinds of values, aliasing and effects.  Nothing here runs user code.

A cheat-sheet for people who write rules::

    project = Project([Module(Source.read(path))])     # or project_from_files(paths): many files, with module names
    for unit in collect_units(module, project): ...         # what a target compiles

    transpile-hybrid check --show-kinds FILE        # prints a file with all of this beside its lines

    (modules: module.Module, classes.Project, project.project_from_files, units.collect_units, infer.unit_facts /
    function_facts / module_facts / module_value / class_attrs, values.Value / Depends, aliasing.rebind_is_safe,
    effects.effects)

    # names
    module.qualified(node)            "torch.nn.functional.relu", "builtins.len", "<module>.helper" or None
    module.scope_at(node).is_local("x")

    # classes
    project.framework_base(info)      FrameworkClass(name, framework, role, root, hybrid) or None
    project.method(info, "forward")   (defining ClassInfo, ast.FunctionDef) or None

    index = run.class_index.index_of(paths, cache)   # names and classes of a whole repository without its trees
    index.framework_base(index.classes["pkg.net.Net"]); index.deriving()

    # kinds: what is this expression at run time?
    facts = unit_facts(unit, project)       # function_facts(function, module, project), module_facts(module, project)
    value = facts.value(node)               # Value; UNKNOWN where nothing is known
    value.is_tensor                         # certainly a tensor
    value.may_be_tensor                     # can be one, or unknown;  value.known tells those apart
    value.is_("int", "float")               # certainly one of these
    value.may_be("none"), value.is_none     #
    value.has_const, value.const            # the Python constant, where known
    value.elements, value.element           # values in a list/tuple/shape of known length; join of all elements
    value.rank                              # of a tensor: number of dimensions, where known
    value.options                           # the alternatives, where a module is one of several known ones
    value.cls                               # qualified class of a module/object; name of a function/class/namespace
    value.is_static                         # decided at construction or by shapes alone
    value.is_config                         # decided at construction
    value.depends & Depends.VALUE           # on the numbers in a tensor
    value.assumed                           # rests on a convention ("un-annotated parameter of forward is a tensor")
    str(value)                              # "tensor[4d]", "int or None", "list of module(torch.nn.Linear)"

    facts.attrs["fc"]                       # Value of self.fc after construction
    facts.setters["fc"]                     # frozenset of methods that assign self.fc, e.g. {"__init__", "forward"}
    facts.parameters(function)              # {"self": ..., "x": Value}
    facts.returns(function)                 # Value
    facts.env_at_end(function)              # locals at return

    # aliasing: is `a += b` -> `a = a + b` unobservable?
    answer = rebind_is_safe(statement, facts)     # Answer(safe, reason)

    # effects
    for effect in effects(function, module, project):   # Effect(kind, node, name, reason, function, module, call)
        ...

Kinds: tensor, array (host NumPy), module, parameter (a Gluon ``Parameter``), variable (``tf.Variable``), function,
class, namespace (an imported module), list, tuple, dict, set, shape, int, float, bool, str, bytes, complex, none,
dtype, device, iterator, slice, ellipsis, object (``cls`` names its class), opaque (no tensor, else unknown), unknown.
A torch ``nn.Parameter`` or buffer is a *tensor*.
"""

namespace Polygate.Model;

/// <summary>How much a <see cref="Diagnostic"/> matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; behaviour is what was written.</summary>
    Info,

    /// <summary>Something written has no effect, or not the obvious one; the rest of the object is served.</summary>
    Warning,

    /// <summary>An object, or the named part of it, is not served.</summary>
    Error,
}

/// <summary>What is wrong (or surprising) in the configuration, at which object, field, file and line.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Code">A stable identifier in kebab case, for example <c>unknown-field</c>; documentation and filters refer to it.</param>
/// <param name="Message">One sentence: what was found, what was expected. Never contains secret data.</param>
/// <param name="Origin">The object and the field.</param>
public sealed record Diagnostic(DiagnosticSeverity Severity, string Code, string Message, Origin Origin);

using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Common;

/// <summary>
/// What is wrong with one object. The object's own translation reports it; one that merely uses the object only
/// learns that it failed, so that a fault is told once, where it is.
/// </summary>
internal sealed class Findings
{
    private readonly TranslationContext context;
    private readonly Resource on;

    public Findings(TranslationContext context, Resource on)
    {
        this.context = context;
        this.on = on;
    }

    /// <summary>Whether there was an error.</summary>
    public bool Failed { get; private set; }

    private bool IsOwn => ReferenceEquals(on, context.Root);

    public void Error(string code, string message, string field)
    {
        Failed = true;
        if (IsOwn)
        {
            context.Error(code, message, field);
        }
    }

    public void Warning(string code, string message, string field)
    {
        if (IsOwn)
        {
            context.Warning(code, message, field);
        }
    }

    public void Info(string code, string message, string field)
    {
        if (IsOwn)
        {
            context.Info(code, message, field);
        }
    }

    /// <summary>Reports a field that has no effect, when it is there.</summary>
    public void Unsupported(object? value, string field)
    {
        if (value is not null and not false)
        {
            Warning("unsupported-field", $"{field} is not supported yet and has no effect.", field);
        }
    }
}

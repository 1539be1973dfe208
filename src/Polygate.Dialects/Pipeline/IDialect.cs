using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// One way of configuring a gateway. A dialect turns one root object at a time into its piece of the model, looking up
/// whatever else that object concerns through the context. It does no I/O, reads no clock and keeps no state, so that
/// the same translation serves running, checking and explaining, and so that work is proportional to change: a root is
/// translated again exactly when something it looked at changed.
/// </summary>
public interface IDialect
{
    /// <summary>The name people see: <c>gateway-api</c>, <c>ingress-nginx</c>, …</summary>
    string Name { get; }

    /// <summary>The kinds it reads, core kinds included.</summary>
    IReadOnlyList<ResourceType> ResourceTypes { get; }

    /// <summary>The indexes its lookups use.</summary>
    IReadOnlyList<ResourceIndex> Indexes { get; }

    /// <summary>Whether objects of this kind are translated by themselves (rather than looked up by others).</summary>
    bool IsRoot(ResourceType type);

    /// <summary>Translates one root object. What it adds to the context replaces what this object contributed before.</summary>
    /// <remarks>An exception is reported on this object alone; the object then contributes nothing.</remarks>
    void Translate(Resource root, TranslationContext context);
}

using Polygate.Dialects.Common;
using Polygate.Dialects.Traefik.Resources;

namespace Polygate.Dialects.Traefik;

/// <summary>Which object a reference means, and whether it may (Traefik's <c>allowCrossNamespace</c> and <c>name@provider</c> forms).</summary>
internal static class References
{
    private const string CrdProvider = "@kubernetescrd";

    /// <summary>The namespace and name; null (and an error) when there is none to be had.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="ownNamespace">The referrer's namespace.</param>
    /// <param name="options">Whether other namespaces are allowed.</param>
    /// <param name="exists">Whether there is such an object; used for joined names.</param>
    /// <param name="findings">Where to report.</param>
    /// <param name="field">The field of the reference.</param>
    public static (string Namespace, string Name)? Resolve(
        ObjectReference reference, string ownNamespace, TraefikOptions options, Func<string, string, bool> exists, Findings findings, string field)
    {
        if (string.IsNullOrEmpty(reference.Name))
        {
            findings.Error("missing-name", "The reference has no name.", field);
            return null;
        }

        var isJoined = reference.Name.EndsWith(CrdProvider, StringComparison.Ordinal);
        if (!isJoined && reference.Name.Contains('@'))
        {
            findings.Error(
                "unsupported-reference", $"'{reference.Name}' names an object of another Traefik provider, which is not supported yet.", field);
            return null;
        }

        var target = isJoined
            ? TraefikObjects.SplitJoinedName(reference.Name[..^CrdProvider.Length], ownNamespace, exists)
            : (string.IsNullOrEmpty(reference.Namespace) ? ownNamespace : reference.Namespace, reference.Name);
        if (target is null)
        {
            findings.Error("missing-reference", $"There is no object that '{reference.Name}' could mean.", field);
            return null;
        }

        if (target.Value.Namespace != ownNamespace && !options.AllowCrossNamespace)
        {
            findings.Error(
                "cross-namespace-reference",
                $"'{reference.Name}' is in the namespace {target.Value.Namespace}; references to other namespaces are switched off (allowCrossNamespace).",
                field);
            return null;
        }

        return target;
    }
}

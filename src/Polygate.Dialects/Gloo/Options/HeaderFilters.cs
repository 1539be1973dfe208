using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>Header manipulation as filters. Removals come before additions, as in Envoy.</summary>
internal static class HeaderFilters
{
    /// <summary>The filters of one level; none when it changes nothing.</summary>
    /// <param name="manipulation">The changes; null for none.</param>
    /// <param name="field">Where they stand.</param>
    /// <param name="owner">The object they stand in.</param>
    /// <param name="findings">Receives what is wrong.</param>
    public static IEnumerable<Filter> Of(HeaderManipulation? manipulation, string field, Resource owner, Findings findings)
    {
        if (manipulation is null)
        {
            yield break;
        }

        var request = Changes(manipulation.RequestHeadersToAdd, manipulation.RequestHeadersToRemove, field + ".requestHeaders", owner, findings);
        if (request is not null)
        {
            yield return new RequestHeaderFilter(request);
        }

        var response = Changes(manipulation.ResponseHeadersToAdd, manipulation.ResponseHeadersToRemove, field + ".responseHeaders", owner, findings);
        if (response is not null)
        {
            yield return new ResponseHeaderFilter(response);
        }
    }

    private static HeaderChanges? Changes(
        IReadOnlyList<HeaderToAdd>? toAdd, IReadOnlyList<string>? toRemove, string field, Resource owner, Findings findings)
    {
        var (set, add, remove) = (new List<HeaderValue>(), new List<HeaderValue>(), new List<string>());
        for (var i = 0; i < (toAdd?.Count ?? 0); i++)
        {
            if (Value(toAdd![i], $"{field}ToAdd[{i}]", owner, findings) is { } header)
            {
                (toAdd[i].Append == false ? set : add).Add(header);
            }
        }

        foreach (var name in toRemove ?? [])
        {
            if (IsAllowed(name, field + "ToRemove", owner, findings))
            {
                remove.Add(name);
            }
        }

        return set.Count + add.Count + remove.Count == 0
            ? null
            : new HeaderChanges { Remove = remove.ToValueList(), Set = set.ToValueList(), Add = add.ToValueList() };
    }

    private static HeaderValue? Value(HeaderToAdd header, string field, Resource owner, Findings findings)
    {
        if (header.HeaderSecretRef is not null)
        {
            findings.Unsupported(true, field + ".headerSecretRef", owner);
            return null;
        }

        if (header.Header is not { Key: { Length: > 0 } name } || !IsAllowed(name, field, owner, findings))
        {
            return null;
        }

        if (EnvoyHeaderValue.Literal(header.Header.Value ?? "") is not { } value)
        {
            findings.Warn(
                "unsupported-field", $"The variables in the value of the header {name} are not supported yet; the header is left out.", field + ".header.value", owner);
            return null;
        }

        return new HeaderValue(name, value);
    }

    private static bool IsAllowed(string name, string field, Resource owner, Findings findings)
    {
        if (name.StartsWith(':') || (name.Equals("host", StringComparison.OrdinalIgnoreCase)))
        {
            findings.Reject("invalid-field", $"The header {name} cannot be changed here; use hostRewrite or a path rewrite.", field, owner);
            return false;
        }

        return true;
    }
}

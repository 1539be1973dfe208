using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Where a redirect leads.</summary>
internal static class RedirectDescription
{
    public static string Target(RedirectAction redirect)
    {
        if (redirect.Location is { } location)
        {
            return location;
        }

        List<string> changes = [];
        if (redirect.Scheme is { } scheme)
        {
            changes.Add($"scheme {scheme}");
        }

        if (redirect.Host is { } host)
        {
            changes.Add($"host {host}");
        }

        if (redirect.Port is > 0 and var port)
        {
            changes.Add($"port {port}");
        }

        if (redirect.Path is not null)
        {
            changes.Add(PathDescription.Of(redirect.Path));
        }

        if (redirect.StripQuery)
        {
            changes.Add("no query");
        }

        if (redirect.DropTrailingSlash)
        {
            changes.Add("no slash at the end");
        }

        return changes.Count == 0 ? "the same URL" : string.Join(", ", changes);
    }
}
